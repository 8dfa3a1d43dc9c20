"""Which cleaning each field gets: a processor pair a field, for all sites."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Identity, TakeFirst

from newscrawl.extraction import processors
from newscrawl.items import Article


class Each:
    """Cleans each value, and leaves out those that are not usable; MapCompose without its context, which costs more."""

    def __init__(self, cleaning: Callable[[Any], Any]) -> None:
        self.cleaning = cleaning

    def __call__(self, values: Iterable[Any]) -> list[Any]:
        return [value for value in map(self.cleaning, values) if value is not None]


def unique(values: Iterable[Any]) -> list[Any]:
    """Values in order, each once."""
    kept: dict[Any, Any] = {}
    for value in values:
        kept.setdefault(tuple(value.items()) if isinstance(value, dict) else value, value)
    return list(kept.values())


class ArticleLoader(ItemLoader):
    """Collects raw values field by field; ``get_output_value`` gives the clean one, or None."""

    default_item_class = Article
    default_input_processor = Each(processors.text)
    default_output_processor = TakeFirst()

    post_id_in = Each(processors.number)
    section_in = Each(processors.link)
    breadcrumbs_in = Each(processors.crumb)
    breadcrumbs_out = Identity()
    authors_in = Each(processors.author)
    authors_out = staticmethod(unique)
    published_at_in = Each(processors.moment)
    modified_at_in = Each(processors.moment)
    language_in = Each(processors.language)
    reading_minutes_in = Each(processors.number)
    tags_out = staticmethod(unique)

    def get_input_processor(self, field_name: str) -> Callable[..., Any]:
        """The cleaning of a field; the item's own fields name none."""
        return getattr(self, f"{field_name}_in", self.default_input_processor)

    def get_output_processor(self, field_name: str) -> Callable[..., Any]:
        """What becomes of a field's clean values."""
        return getattr(self, f"{field_name}_out", self.default_output_processor)


@cache
def processors_of(field_name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What cleans each raw value of a field, and what becomes of the clean ones; looked up once, as pages are many."""
    loader = ArticleLoader()
    return loader.get_input_processor(field_name), loader.get_output_processor(field_name)
