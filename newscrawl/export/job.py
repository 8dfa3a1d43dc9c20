"""One export, from a stream of articles to what lies on the disk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newscrawl.exceptions import UsageProblem
from newscrawl.export import manifest
from newscrawl.export.formats import Format, Options, Writer
from newscrawl.export.manifest import Tally
from newscrawl.export.output import check_target, new_file, new_folder, standard_output
from newscrawl.export.partitions import MonthlyWriter, check_folder
from newscrawl.outputs import is_special


@dataclass(frozen=True, slots=True)
class Job:
    """
    What to write where. ``output`` is None for standard output.

    ``monthly`` writes a folder with a part a month, ``with_manifest`` a manifest beside the output.
    """

    format: Format
    fields: tuple[str, ...]
    output: Path | None = None
    monthly: bool = False
    with_manifest: bool = False
    bom: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that each article has to have."""
        more = [*self.format.reads, *(("published_at",) if self.monthly else ())]
        return tuple(dict.fromkeys([*self.fields, *more, *(manifest.READS if self.with_manifest else ())]))

    def check(self, is_terminal: bool) -> None:
        """
        Refuse what cannot be done, before anything is written.

        :param is_terminal: whether standard output is one
        :raises UsageProblem: options that exclude each other, a place that cannot be written, a package that is missing
        """
        self.format.check()
        if self.monthly and self.format.name != "parquet":
            raise UsageProblem(f"--partition month: allowed with --format parquet, not {self.format.name}")
        if self.bom and self.format.name != "csv":
            raise UsageProblem(f"--bom: allowed with --format csv, not {self.format.name}")
        if self.output is None:
            self._check_standard_output(is_terminal)
            return
        if self.format.is_binary and self.output.suffix == ".gz":
            raise UsageProblem(f"--output {self.output}: {self.format.name} is compressed inside; leave out .gz")
        check_target(self.output, self.monthly)
        if self.monthly:
            check_folder(self.output)
        if self.with_manifest:
            if is_special(self.output):
                raise UsageProblem(f"--manifest: {self.output} is no file to describe")
            check_target(manifest.manifest_path(self.output))

    def _check_standard_output(self, is_terminal: bool) -> None:
        for option, given in (("--manifest", self.with_manifest), ("--partition", self.monthly)):
            if given:
                raise UsageProblem(f"{option}: needs --output PATH")
        if self.format.is_binary and is_terminal:
            raise UsageProblem(f"{self.format.name} is nothing for a terminal: name a file with --output")

    def run(self, articles: Iterable[Mapping[str, Any]], options: Options, about: Mapping[str, Any]) -> int:
        """
        Write the articles, then the manifest; answers how many there were.

        :param about: what else the manifest tells
        :raises OSError: it cannot be written; what was there before is as it was
        """
        tally = Tally()
        make = self.format.load()
        if self.output is None:
            with standard_output() as file:
                self._write(make(file, options), articles, tally)
            return tally.rows
        told_by = manifest.manifest_path(self.output)  # also of an export that now has none
        if self.monthly:
            with new_folder(self.output, told_by=told_by) as folder:
                self._write(MonthlyWriter(folder, make, options), articles, tally)
        else:
            with new_file(self.output, told_by=told_by) as file:
                self._write(make(file, options), articles, tally)
        if self.with_manifest:
            with new_file(told_by) as file:
                file.write(manifest.manifest(self.output, tally, about))
        return tally.rows

    def _write(self, writer: Writer | MonthlyWriter, articles: Iterable[Mapping[str, Any]], tally: Tally) -> None:
        for article in articles:
            writer.write(article)
            tally.rows += 1
            if self.with_manifest:
                tally.note(article)
        writer.close()
