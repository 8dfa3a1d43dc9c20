"""The state after a run as a file for the textfile collector of Prometheus' node exporter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newscrawl.reporting.report_files import write_whole

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of samples: labels beside the spider's to value; None is not written."""

    name: str
    kind: str
    help: str
    samples: list[tuple[Labels, float | None]] = field(default_factory=list)


def write_metrics(path: Path, spider: str, metrics: list[Metric]) -> None:
    """
    Write the file whole.

    :raises OSError: it cannot be written
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "".join(f"{line}\n" for metric in metrics for line in _lines(spider, metric)))


def _lines(spider: str, metric: Metric) -> Iterator[str]:
    samples = [(labels, value) for labels, value in metric.samples if value is not None]
    if samples:
        yield f"# HELP {metric.name} {metric.help}"
        yield f"# TYPE {metric.name} {metric.kind}"
    for labels, value in samples:
        pairs = ",".join(f'{name}="{_quoted(text)}"' for name, text in {"spider": spider, **labels}.items())
        yield f"{metric.name}{{{pairs}}} {value}"


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
