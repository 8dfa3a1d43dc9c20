"""What the standards of feeds demand, as schemas: Atom (RFC 4287), RSS 2.0 with its namespaces, JSON Feed 1.1."""

_TYPES = 'datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"'
_PERSON = """<interleave><element name="name"><data type="string"><param name="minLength">1</param></data></element>
<optional><element name="uri"><data type="anyURI"/></element></optional>
<optional><element name="email"><data type="string"><param name="pattern">.+@.+</param></data></element></optional>
</interleave>"""
_DATE = """<data type="dateTime"><param name="pattern">.+T.+(Z|[+\\-]\\d\\d:\\d\\d)</param></data>"""

ATOM = f"""<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom" {_TYPES}>
<start><element name="feed"><ref name="common"/><interleave>
  <oneOrMore><element name="author"><ref name="person"/></element></oneOrMore>
  <zeroOrMore><element name="category"><ref name="category"/></element></zeroOrMore>
  <element name="id"><data type="anyURI"><param name="pattern">[a-z]+:.+</param></data></element>
  <zeroOrMore><ref name="link"/></zeroOrMore>
  <optional><element name="subtitle"><ref name="text"/></element></optional>
  <element name="title"><ref name="text"/></element>
  <element name="updated">{_DATE}</element>
  <zeroOrMore><ref name="entry"/></zeroOrMore>
</interleave></element></start>
<define name="entry"><element name="entry"><ref name="common"/><interleave>
  <zeroOrMore><element name="author"><ref name="person"/></element></zeroOrMore>
  <zeroOrMore><element name="category"><ref name="category"/></element></zeroOrMore>
  <optional><element name="content"><attribute name="type"><choice><value>text</value><value>html</value></choice>
    </attribute><text/></element></optional>
  <element name="id"><data type="anyURI"><param name="pattern">[a-z]+:.+</param></data></element>
  <oneOrMore><ref name="link"/></oneOrMore>
  <element name="published">{_DATE}</element>
  <optional><element name="summary"><ref name="text"/></element></optional>
  <element name="title"><ref name="text"/></element>
  <element name="updated">{_DATE}</element>
</interleave></element></define>
<define name="common"><optional><attribute name="lang" ns="http://www.w3.org/XML/1998/namespace">
  <data type="string"><param name="pattern">[A-Za-z]{{1,8}}(-[A-Za-z0-9]{{1,8}})*</param></data></attribute></optional></define>
<define name="person">{_PERSON}</define>
<define name="category"><attribute name="term"/></define>
<define name="text"><optional><attribute name="type"><choice><value>text</value><value>html</value></choice></attribute>
  </optional><text/></define>
<define name="link"><element name="link"><attribute name="href"><data type="anyURI"/></attribute>
  <optional><attribute name="rel"/></optional>
  <optional><attribute name="type"><data type="string"><param name="pattern">.+/.+</param></data></attribute></optional>
</element></define>
</grammar>"""

_RFC822 = """<data type="string"><param name="pattern">(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d (Jan|Feb|Mar|Apr|May|Jun|Jul|\
Aug|Sep|Oct|Nov|Dec) \\d{4} \\d\\d:\\d\\d:\\d\\d [+\\-]\\d{4}</param></data>"""
_MEDIA = "http://search.yahoo.com/mrss/"

RSS = f"""<grammar xmlns="http://relaxng.org/ns/structure/1.0" {_TYPES}>
<start><element name="rss"><attribute name="version"><value>2.0</value></attribute><element name="channel"><interleave>
  <element name="title"><text/></element>
  <element name="link"><data type="anyURI"/></element>
  <element name="description"><text/></element>
  <optional><element name="language"><text/></element></optional>
  <element name="lastBuildDate">{_RFC822}</element>
  <optional><element name="link" ns="http://www.w3.org/2005/Atom"><attribute name="href"/><attribute name="rel"/>
  </element></optional>
  <zeroOrMore><ref name="item"/></zeroOrMore>
</interleave></element></element></start>
<define name="item"><element name="item"><interleave>
  <element name="title"><text/></element>
  <element name="link"><data type="anyURI"/></element>
  <optional><element name="description"><text/></element></optional>
  <element name="guid"><attribute name="isPermaLink"><choice><value>true</value><value>false</value></choice>
    </attribute><text/></element>
  <element name="pubDate">{_RFC822}</element>
  <zeroOrMore><element name="category"><text/></element></zeroOrMore>
  <zeroOrMore><element name="creator" ns="http://purl.org/dc/elements/1.1/"><text/></element></zeroOrMore>
  <element name="updated" ns="http://www.w3.org/2005/Atom">{_DATE}</element>
  <optional><element name="encoded" ns="http://purl.org/rss/1.0/modules/content/"><text/></element></optional>
  <optional><element name="content" ns="{_MEDIA}"><attribute name="url"><data type="anyURI"/></attribute>
    <attribute name="medium"><value>image</value></attribute>
    <optional><attribute name="width"><data type="positiveInteger"/></attribute></optional>
    <optional><attribute name="height"><data type="positiveInteger"/></attribute></optional>
    <optional><element name="description" ns="{_MEDIA}"><attribute name="type"><value>plain</value></attribute><text/>
    </element></optional>
  </element></optional>
</interleave></element></define>
</grammar>"""

_URL = {"type": "string", "pattern": "^https?://"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$"}
_AUTHOR = {
    "type": "object", "minProperties": 1, "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "url": _URL, "avatar": _URL},
}  # fmt: skip
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"}, "description": {"type": "string"}, "language": {"type": "string"},
        "home_page_url": _URL, "feed_url": _URL,
        "items": {"type": "array", "items": {
            "type": "object",
            "required": ["id", "content_html"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "minLength": 1}, "url": _URL, "title": {"type": "string"},
                "content_html": {"type": "string"}, "summary": {"type": "string"}, "image": _URL,
                "date_published": _MOMENT, "date_modified": _MOMENT, "language": {"type": "string"},
                "authors": {"type": "array", "minItems": 1, "items": _AUTHOR},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        }},
    },
}  # fmt: skip
