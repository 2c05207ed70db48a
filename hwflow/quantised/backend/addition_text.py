"""SystemVerilog of a hardwired layer's additions: expressions, or places of a carry chain."""

import re
from collections.abc import Iterator, Mapping, Sequence

from hwflow.ints import IntType
from hwflow.quantised.backend.adders import AdderGraph
from hwflow.quantised.backend.carries import CARRY4, CCU2C, TERMS, Bit, Chain, chain_of
from hwflow.quantised.backend.hardwired import Hardwired
from hwflow.quantised.backend.terms import Term


def additions_text(wired: Hardwired, values: Sequence[int], stage: int) -> Iterator[str]:
    """Lines that give the values, additions of one level of the layer, their bits from those of the values vN_S that they add.

    A chain of CCU2C has an even number of places, so those of an odd number are joined by twos: nothing is carried out of a sum.
    But tools think that it is, and so one of the two is a sum that can wait.
    """
    graph, chain, waits = wired.graph, wired.chain, wired.waits
    odd: list[tuple[int, Chain]] = []
    for value in values:
        if not wired.is_chained(value):
            yield from _expression(graph, value, stage)
            continue
        made = chain_of(graph, value, chain)
        yield from _low(value, made, stage)
        if chain == CCU2C and len(made.places) % 2:
            odd.append((value, made))
        elif made.places:
            yield _ccu2c([(value, made)], stage) if chain == CCU2C else _carry4(value, made, stage)
    odd.sort(key=lambda each: waits[each[0]])
    while odd:
        joined = [odd.pop(0)]
        if odd and waits[odd[-1][0]]:
            joined.append(odd.pop())
        yield _ccu2c(joined, stage)


def _expression(graph: AdderGraph, value: int, stage: int) -> Iterator[str]:
    name, bits = f"v{value}_{stage}", graph.bits[value]
    first, *others = graph.terms(value)
    if len(others) == 1 and 0 < (down := others[0].shift) < min(bits, graph.bits[first.value]):
        low, kind = f"v{first.value}_{stage}", graph.kinds[first.value]
        high = extended(f"{low}[{kind.bits - 1}:{down}]", IntType(kind.bits - down, kind.signed), bits - down)
        yield f"  assign {name}[{down - 1}:0] = {low}[{down - 1}:0];"
        yield f"  assign {name}[{bits - 1}:{down}] = {_apart([('+', high), _term(graph, others[0], bits - down, stage)], bits - down)};"
        return
    terms = [_term(graph, term, bits, stage) for term in (first, *others)]
    if any(term.shift for term in others):
        shifted = [f"({text} << {term.shift})" for (_, text), term in zip(terms, (first, *others), strict=True)]
        signs = [sign for sign, _ in terms]
        yield f"  assign {name} = {shifted[0]}{''.join(f' {sign} {text}' for sign, text in zip(signs[1:], shifted[1:], strict=True))};"
    else:
        yield f"  assign {name} = {_apart(terms, bits)};"


def _apart(terms: Sequence[tuple[str, str]], bits: int) -> str:
    """A sum in so many bits. The zero below keeps Yosys from merging it with the sums that it adds: of more than two operands
    Yosys makes tables that save the carry, which take more room than a carry chain for each sum."""
    (_, first), *others = terms
    wide = f"{{{first}, 1'b0}}" + "".join(f" {sign} {{{text}, 1'b0}}" for sign, text in others)
    return f"{bits}'(({wide}) >> 1)"


def _term(graph: AdderGraph, term: Term, bits: int, stage: int) -> tuple[str, str]:
    """The sign and the number, without its shift, in so many bits; braces keep the bits that are turned those that it has."""
    name, kind = f"v{term.value}_{stage}", graph.kinds[term.value]
    if term.negative and graph.turns:
        return "+", extended(f"{{~{name}}}", kind, bits)
    return "-" if term.negative else "+", extended(name, kind, bits)


def extended(name: str, kind: IntType, bits: int) -> str:
    """A number in so many bits."""
    if kind.bits == bits:
        return name
    return f"{bits}'($signed({name}))" if kind.signed else f"{bits}'({name})"


def _low(value: int, made: Chain, stage: int) -> Iterator[str]:
    for place, met in enumerate(made.low):
        yield f"  assign v{value}_{stage}[{place}] = {_parity(met, stage)};"


def _ccu2c(parts: Sequence[tuple[int, Chain]], stage: int) -> str:
    places = [place for _, made in parts for place in made.places]
    carried = [sorted(place.carried, key=lambda bit: not bit.turned) for place in places]
    alone = [place.added[0] if len(place.added) == 1 else None for place in places]
    turns = {
        "TURN_A": [bit is not None and bit.turned for bit in alone],
        "TURN_B": [bool(some) and some[0].turned for some in carried],
    }
    ports = {
        "a": [
            _name(bit, stage) if bit else _parity(place.added, stage) for bit, place in zip(alone, places, strict=True)
        ],
        "b": [_name(some[0], stage) if some else "1'b0" for some in carried],
        "c": [_name(some[1], stage) if len(some) > 1 else f"1'b{len(some)}" for some in carried],
        "d": [_name(some[2], stage) if len(some) > 2 else "1'b0" for some in carried],
    }
    return _instance(CCU2C, turns, ports, parts, stage)


def _carry4(value: int, made: Chain, stage: int) -> str:
    met = [place.added for place in made.places]
    masks = {"USED": [bool(some) for some in met]}
    ports: dict[str, list[str]] = {}
    for term in range(TERMS):
        bits = [some[term] if term < len(some) else None for some in met]
        masks[f"TURN_{'ABC'[term]}"] = [bit is not None and bit.turned for bit in bits]
        ports["abc"[term]] = [_name(bit, stage) if bit else "1'b0" for bit in bits]
    return _instance(CARRY4, masks, ports, [(value, made)], stage)


def _instance(
    chain: str,
    masks: Mapping[str, Sequence[bool]],
    ports: Mapping[str, Sequence[str]],
    parts: Sequence[tuple[int, Chain]],
    stage: int,
) -> str:
    sums = [f"v{value}_{stage}[{len(made.low) + place}]" for value, made in parts for place in range(len(made.places))]
    width = len(sums)
    given = [f".WIDTH({width})", *(f".{name}({width}'b{_mask(mask)})" for name, mask in masks.items())]
    wires = [f".{name}({_joined(bits)})" for name, bits in {**ports, "s": sums}.items()]
    names = "_".join(f"v{value}" for value, _ in parts)
    return f"  hwf_chain_{chain} #({', '.join(given)}) chain_{names} ({', '.join(wires)});"


def _mask(bits: Sequence[bool]) -> str:
    return "".join(str(int(bit)) for bit in reversed(bits))


def _name(bit: Bit, stage: int) -> str:
    return f"v{bit.value}_{stage}[{bit.bit}]"


def _parity(bits: Sequence[Bit], stage: int) -> str:
    return " ^ ".join(f"{'~' * bit.turned}{_name(bit, stage)}" for bit in bits) or "1'b0"


def _joined(bits: Sequence[str]) -> str:
    """Bits as one vector, the first one lowest; neighbours of one value are a part of it."""
    runs: list[list[str]] = []
    for bit in bits:
        if runs and _follows(runs[-1][-1], bit):
            runs[-1].append(bit)
        else:
            runs.append([bit])
    return f"{{{', '.join(_run(run) for run in reversed(runs))}}}"


_PLACE = re.compile(r"(v\d+_\d+)\[(\d+)\]")


def _follows(bit: str, other: str) -> bool:
    if bit == other:
        return bit.startswith("1'b")
    one, two = _PLACE.fullmatch(bit), _PLACE.fullmatch(other)
    return bool(one and two and one[1] == two[1] and int(two[2]) == int(one[2]) + 1)


def _run(bits: Sequence[str]) -> str:
    first, last = _PLACE.fullmatch(bits[0]), _PLACE.fullmatch(bits[-1])
    if len(bits) == 1:
        return bits[0]
    return f"{first[1]}[{last[2]}:{first[2]}]" if first and last else f"{{{len(bits)}{{{bits[0]}}}}}"
