"""Small changes to inputs, each in one place: plain values, arrays, messages of protobuf, lines, and bytes."""

import random
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

WHOLES = (0, 1, -1, 2, 3, 7, 8, 63, 64, 65, 127, 255, 256, 4096, 65535, 1 << 20, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63,
          -(1 << 63), 1 << 64, 10**30, 10**400)  # fmt: skip
REALS = (0.0, -0.0, 0.5, 1.0, -1.0, 1e-320, 1e-30, 1e19, 1e38, 1e308, float("inf"), float("-inf"), float("nan"))
WORDS = ("", "a", " ", "\n", "\0", "é", "٣", "../x", "/etc/passwd", "-1", "1e999", "nan", '"', "x" * 5000, "\ud800", "%s{0}", "INT8",
         "UINT2", "sim", "Dense", "round")  # fmt: skip
KINDS = ("<f4", "<f8", "<f2", "<i1", "<i4", "<i8", "<u1", "<u8", "?", "<c8", "<U3", "S2", "<M8[s]", ">f4")


def blown(content: bytes, draw: random.Random) -> bytes:
    """Bytes with a blow in one place: flipped, cut, repeated, taken out, a number put in, or brackets in great number."""
    if not content:
        return draw.randbytes(draw.randint(1, 40))
    at = draw.randrange(len(content))
    length = draw.choice((1, 2, 4, 8, 64))
    end = at + length
    match draw.randrange(8):
        case 0 | 1:
            return content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :]
        case 2:
            return content[:at]
        case 3:
            return content[:end] + content[at:]
        case 4:
            return content[:at] + content[end:]
        case 5:
            return content[:at] + struct.pack("<q", draw.choice((0, -1, 1, 1 << 31, 1 << 62)))[:length] + content[end:]
        case 6:
            return content[:at] + draw.randbytes(length) + content[end:]
        case _:
            return content[:at] + draw.choice((b"[", b'{"a":', b"(")) * 5000 + content[at:]


def scalar(draw: random.Random, like: Any = None) -> Any:
    """A value for one field: of the same kind mostly, near to it or at an end of what there is."""
    if isinstance(like, bool) and draw.random() < 0.7:
        return not like
    if isinstance(like, int) and draw.random() < 0.8:
        return draw.choice((like + 1, like - 1, -like, 2 * like, draw.choice(WHOLES)))
    if isinstance(like, float) and draw.random() < 0.8:
        return draw.choice((2 * like, -like, like / 3, draw.choice(REALS)))
    if isinstance(like, str) and draw.random() < 0.8:
        return text(like, draw)
    return draw.choice(
        (draw.choice(WHOLES), draw.choice(REALS), draw.choice(WORDS), None, True, [], {}, [1, 2], {"a": 1})
    )


def text(word: str, draw: random.Random) -> str:
    """A word with one place changed."""
    at = draw.randint(0, len(word))
    return draw.choice((draw.choice(WORDS), word[:at], word[:at] + draw.choice(WORDS)[:6] + word[at:], word[:at] + word[at + 1 :],
                        word.upper(), word + word))  # fmt: skip


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index of it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            yield node, key
            if isinstance(node[key], dict | list):
                stack.append(node[key])


def tree_changed(tree: Any, draw: random.Random) -> Any:
    """Nested dicts, lists and plain values, arrays among them, with one place changed."""
    places = list(_places(tree))
    if not places:
        return {"a": scalar(draw)} if isinstance(tree, dict) else [scalar(draw)]
    node, key = draw.choice(places)
    value = node[key]
    match draw.randrange(10):
        case 0:
            del node[key]
        case 1:
            other, place = draw.choice(places)
            node[key] = _copied(other.get(place) if isinstance(other, dict) else other[place])
        case 2 if isinstance(node, list):
            node.insert(draw.randint(0, len(node)), _copied(value))
        case 2 | 3 if isinstance(node, dict):
            node[text(str(key), draw)] = node.pop(key) if draw.random() < 0.5 else _copied(value)
        case 4:
            node[key] = [value]
        case _:
            leaf = not isinstance(value, dict | list)
            node[key] = (
                array_changed(value, draw) if isinstance(value, np.ndarray) else scalar(draw, value if leaf else None)
            )
    return tree


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def array_changed(array: np.ndarray, draw: random.Random) -> np.ndarray:
    """An array of another shape or type, or with another element."""
    with np.errstate(all="ignore"):
        match draw.randrange(9):
            case 0:
                return _cast(array, draw.choice(KINDS))
            case 1:
                return array.reshape(-1)
            case 2:
                return array[None]
            case 3:
                return array[..., :0] if array.ndim else array.reshape(1)
            case 4:
                return array[draw.randrange(2) :] if array.ndim else array
            case 5:
                return np.concatenate([array, array]) if array.ndim else array
            case 6:
                return array.T
            case _:
                if not array.size or array.dtype.kind not in "fiu":
                    return array
                new = array.copy()
                value = draw.choice(REALS) if array.dtype.kind == "f" else draw.choice((0, 1, 2, 127, -1, 255))
                new.reshape(-1)[draw.randrange(array.size)] = np.array(value).astype(array.dtype)
                return new


def _cast(array: np.ndarray, kind: str) -> np.ndarray:
    try:
        return array.astype(kind)
    except (ValueError, TypeError, RuntimeError):  # the last of numbers that are no dates
        return np.zeros(array.shape, kind)


def lines_changed(lines: list[str], draw: random.Random) -> list[str]:
    """Lines of a log with one place changed: a sign, a cell, a line, or the order of two."""
    if not lines:
        return [draw.choice(WORDS)]
    at = draw.randrange(len(lines)) if draw.random() < 0.7 else draw.randrange(min(6, len(lines)))
    line = lines[at]
    place = draw.randrange(len(line) + 1)
    match draw.randrange(9):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[draw.randrange(len(lines))])
        case 2:
            other = draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], line
        case 3:
            lines[at] = line[:place]
        case 4 | 5:
            lines[at] = (
                line[:place]
                + draw.choice("0123456789ABCDEFx#.,;:-+()[]{} \t\"'Rr\0é٣\ufeff/\\_eE")
                + line[place + draw.randrange(2) :]
            )
        case 6:
            lines[at] = draw.choice((line + line, text(line, draw)))
        case _:
            cells = _cells(line)
            cell = draw.randrange(len(cells))
            value = draw.choice((draw.choice(WHOLES), draw.choice(REALS), draw.choice(WORDS), "9" * 400, "1" + "0" * 400 + ".0", "-5", "1.2.3", "true",
                                 "20000000", "FFFFFFFF", "64", "15"))  # fmt: skip
            cells[cell] = str(value).replace("\ud800", "?")
            lines[at] = "".join(cells)
    return lines


def _cells(line: str) -> list[str]:
    """The words and numbers of a line, and what stands between them."""
    cells, kind = [""], None
    for sign in line:
        now = sign.isalnum() or sign == "."
        if now != kind and kind is not None:
            cells.append("")
        cells[-1] += sign
        kind = now
    return cells


def message_changed(message: Any, draw: random.Random) -> Any:
    """A message of protobuf with one field changed, anywhere in it."""
    every = [message]
    for each in every:
        for field, value in each.ListFields():
            if field.message_type is not None:
                every += list(value) if _is_repeated(field) else [value]
    owner = draw.choice(every)
    held = [field for field, _ in owner.ListFields()]
    field = draw.choice(held if held and draw.random() < 0.8 else list(owner.DESCRIPTOR.fields))
    if _is_repeated(field):
        _repeated(owner, field, every, draw)
    elif field.message_type is not None:
        others = [each for each in every if field.message_type == each.DESCRIPTOR]
        if not others or draw.random() < 0.3:
            owner.ClearField(field.name)
        else:
            copied = type(others[0])()
            copied.CopyFrom(draw.choice(others))
            getattr(owner, field.name).CopyFrom(copied)
    elif draw.random() < 0.15:
        owner.ClearField(field.name)
    else:
        setattr(owner, field.name, _field(field, getattr(owner, field.name), draw))
    return message


def _is_repeated(field: Any) -> bool:
    """Newer versions of protobuf have a word for it, and no label."""
    return bool(field.is_repeated) if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED


def _repeated(owner: Any, field: Any, every: list[Any], draw: random.Random) -> None:
    values = list(getattr(owner, field.name))
    at = draw.randrange(len(values)) if values else 0
    choice = draw.randrange(4)
    if values and choice == 0:
        del values[at]
    elif values and choice == 1:
        other = draw.randrange(len(values))
        values[at], values[other] = values[other], values[at]
    elif field.message_type is not None:
        others = values if values and choice == 2 else [each for each in every if field.message_type == each.DESCRIPTOR]
        values.insert(at, draw.choice(others)) if others else None
    elif values and choice == 2:
        values[at] = _field(field, values[at], draw)
    else:
        values.insert(at, _field(field, values[at] if values else field.default_value or 0, draw))
    if field.message_type is not None:
        copies = []
        for each in values:
            copies.append(type(each)())
            copies[-1].CopyFrom(each)
        values = copies
    owner.ClearField(field.name)
    getattr(owner, field.name).extend(values)


def _field(field: Any, value: Any, draw: random.Random) -> Any:
    """A value that such a field can hold."""
    if field.type == field.TYPE_STRING:
        return text(str(value or ""), draw).replace("\ud800", "?")
    if field.type == field.TYPE_BYTES:
        return blown(value if isinstance(value, bytes) else b"", draw)
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return draw.choice((2 * float(value or 0), -float(value or 0), draw.choice(REALS)))
    if field.enum_type is not None:
        return draw.choice([each.number for each in field.enum_type.values])
    if field.cpp_type == field.CPPTYPE_BOOL:
        return not value
    size = 32 if field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32) else 64
    signed = field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_INT64)
    number = draw.choice((int(value or 0) + 1, int(value or 0) - 1, draw.randint(-4, 20), draw.choice(WHOLES)))
    low, high = (-(1 << size - 1), (1 << size - 1) - 1) if signed else (0, (1 << size) - 1)
    return min(max(number, low), high)
