"""In which words, by whose voice, how sure, and when?  The context that every report carries.

Modality (what the source claims) and certainty (how sure the reading is) are different axes: "I hope that peace comes" is read
with certainty and asserts nothing.
"""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from events.dates import EdtfText


class Value(BaseModel):
    """An immutable value: two with the same content are the same; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Reference:
    """Marks a string as the slug of something that is kept elsewhere."""

    def __init__(self, to: str) -> None:
        self.to = to


SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=100)]
ArticleSlug = Annotated[Slug, Reference("Article")]
ActorSlug = Annotated[Slug, Reference("Actor")]
ReportRef = Annotated[Slug, Reference("Report")]
ReportKey = Annotated[str, StringConstraints(pattern=f"{SLUG[:-1]}/{SLUG[1:]}", max_length=201)]
"""A report of any article, as `article/ref`."""
TEXT: Final = r"^[^\x00]*$"
"""What a text may hold: everything but U+0000, which databases cut texts off at or refuse."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=TEXT)]
FreeText = Annotated[str, StringConstraints(pattern=TEXT)]
"""A text that may be empty."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=TEXT)]
"""What something is called: short enough to be looked up and ordered by, wherever an index entry has a greatest length."""
LARGEST: Final = 2**53 - 1
"""The largest number that every reader of JSON keeps exactly."""
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Degrees = Annotated[str, StringConstraints(pattern=r"^-?\d{1,3}(\.\d{1,9})?$")]


class Quote(Value):
    """Words of an article, selected exactly as a W3C Web Annotation text selector does."""

    exact: Annotated[str, StringConstraints(min_length=1)]
    """The words, to the character."""
    prefix: str = ""
    """Up to 32 characters before them, which tell repeated words apart."""
    suffix: str = ""
    """Up to 32 characters after them."""
    start: Count
    """Offset of the first character: 0-based Unicode code points over the untouched article text."""
    end: Count
    """Offset after the last character."""


class Word(StrEnum):
    """One of a fixed set of words; each has its meaning as docstring.

    >>> Certainty.CERTAIN.__doc__
    'The words say it outright.'
    """

    def __new__(cls, word: str, meaning: str = "") -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.__doc__ = meaning
        return member


class Voice(Word):
    """Who speaks in the quoted words."""

    ARTICLE = "article", "The article in its own voice."
    HEADLINE = "headline", "The article's headline."
    DIRECT_QUOTE = "direct_quote", "A speaker, in quotation marks."
    PARAPHRASE = "paraphrase", "A speaker, in the article's words."
    DERIVED = "derived", "Nobody: computed from what is said."


class Attribution(Value):
    """Whose words these are."""

    voice: Voice = Voice.ARTICLE
    """The voice that the words are in."""
    speaker: ActorSlug | None = None
    """The actor who is quoted or paraphrased."""


class Modality(Word):
    """What the source claims about the reported matter."""

    ASSERTED = "asserted", "It is so."
    REQUESTED = "requested", "Someone asks for it."
    INTENDED = "intended", "Someone means to do it."
    HOPED = "hoped", "Someone hopes for it."
    CONDITIONAL = "conditional", "It is so if something else is."
    COUNTERFACTUAL = "counterfactual", "Someone wishes that it had been so."
    SCHEDULED = "scheduled", "It is planned for a date."
    OBLIGATION = "obligation", "It must be done."
    PRESUPPOSED = "presupposed", "The words take it for granted without stating it."
    NEGATED = "negated", "It is not so."


class Certainty(Word):
    """How sure the reading of the words is."""

    CERTAIN = "certain", "The words say it outright."
    PROBABLE = "probable", "A pronoun, a metonym or an ellipsis had to be resolved."
    POSSIBLE = "possible", "Another reading is as good."


class WhenRole(Word):
    """What the date is the date of."""

    OCCURRED = "occurred", "It happened then."
    ATTESTED = "attested", "It is said to hold then; start and end are unknown."
    SCHEDULED = "scheduled", "A plan names that date."


class Basis(Word):
    """Where a date comes from."""

    STATED = "stated", "The words give it."
    INFERRED = "inferred", "It was concluded from something else."


class When(Value):
    """A date with its role and its basis."""

    edtf: EdtfText
    """The date, as an EDTF expression: `2020-12-30?`, `2020?-02`, `[..2020-12-30]`, `2020-07/2020-12-30?`."""
    role: WhenRole
    """What it is the date of."""
    basis: Basis
    """Whether the words give it."""
    reason: FreeText | None = None
    """The words that give it, or what it was inferred from."""


class LinkKind(Word):
    """How one report stands to another."""

    AFTER = "after", "It happened after the other."
    DURING = "during", "It happened while the other did."
    CONTEXT_OF = "context_of", "It is the background of the other."
    REFERS_TO = "refers_to", "It speaks about the other."


class Link(Value):
    """A tie, stated in the words, to another report of the same article."""

    kind: LinkKind
    """How this report stands to the other."""
    report: ReportRef
    """The other report."""


class ReviewStatus(Word):
    """How far a report has been checked by a person."""

    DRAFTED = "drafted", "Written, not yet checked."
    CONFIRMED = "confirmed", "Checked against the text by a person."


class Report(Value):
    """A report out of an article: what it says happened or holds, with the words that say so."""

    ref: ReportRef
    """Name of the report, unique within its article."""
    evidence: Annotated[tuple[Quote, ...], Field(min_length=1, max_length=50)]
    """The exact words, one or more quotes."""
    attribution: Attribution = Attribution()
    """Whose words they are."""
    modality: Modality = Modality.ASSERTED
    """What the source claims about it."""
    certainty: Certainty = Certainty.CERTAIN
    """How sure the reading is."""
    when: When | None = None
    """When it happened, held, or is planned for."""
    mentions: tuple[ActorSlug, ...] = ()
    """Actors whom the words name beside those with a role of their own."""
    links: tuple[Link, ...] = ()
    """Ties to other reports of the same article."""
    by: FreeText | None = None
    """Who read the words so: a person or a drafting tool."""
    status: ReviewStatus = ReviewStatus.CONFIRMED
    """How far the reading has been checked."""
    note: FreeText | None = None
    """Why the words are read so, where that is not obvious."""
