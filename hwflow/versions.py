"""What a record says of the tools that made it."""

from importlib.metadata import PackageNotFoundError, version


def tools(*packages: str) -> str:
    """Packages with their versions; one that did not come as a package is named without."""
    return ", ".join(map(_tool, packages))


def _tool(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
