"""An expat parser that reads what is in the file and nothing else."""

from xml.parsers import expat

from collector.reading import Unreadable


def hardened(encoding: str | None = "utf-8") -> expat.XMLParserType:
    """A parser that refuses document types and entities: nothing expands, nothing is fetched."""
    parser = expat.ParserCreate(encoding)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.EntityDeclHandler = _no_entity
    parser.ordered_attributes = False
    return parser


def refused(error: expat.ExpatError) -> Unreadable:
    """The parser's complaint as a refusal with its line."""
    return Unreadable(
        f"the XML is not well formed ({expat.errors.messages.get(error.code, error)})",
        "export it again, or repair the line",
        where=f"line {error.lineno}",
    )


def _no_document_type(*_declared: object) -> None:
    raise Unreadable(
        "the XML declares a document type, by which entities could be brought in",
        "remove the <!DOCTYPE …> declaration",
    )


def _no_entity(*_declared: object) -> None:
    raise Unreadable("the XML declares entities", "remove the declarations")
