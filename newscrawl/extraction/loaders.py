"""Which cleaning each field gets: a processor pair a field, for all sites."""

from collections.abc import Iterable
from typing import Any

from itemloaders import ItemLoader
from itemloaders.processors import Identity, MapCompose, TakeFirst

from newscrawl.extraction import processors
from newscrawl.items import Article


def unique(values: Iterable[Any]) -> list[Any]:
    """Values in order, each once."""
    kept: dict[Any, Any] = {}
    for value in values:
        kept.setdefault(tuple(value.items()) if isinstance(value, dict) else value, value)
    return list(kept.values())


class ArticleLoader(ItemLoader):
    """Collects raw values field by field; ``get_output_value`` gives the clean one, or None."""

    default_item_class = Article
    default_input_processor = MapCompose(processors.text)
    default_output_processor = TakeFirst()

    post_id_in = MapCompose(processors.number)
    section_in = MapCompose(processors.link)
    breadcrumbs_in = MapCompose(processors.crumb)
    breadcrumbs_out = Identity()
    authors_in = MapCompose(processors.author)
    authors_out = unique
    published_at_in = MapCompose(processors.moment)
    modified_at_in = MapCompose(processors.moment)
    language_in = MapCompose(processors.language)
    reading_minutes_in = MapCompose(processors.number)
    tags_out = unique
