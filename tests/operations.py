"""Which operations are asked most, so that they are to be quick?  The root field of each; THEN stands for the moment."""

from typing import Final

OPERATIONS: Final = {
    "actor page": """actor(slug: "actor-7" THEN) { id name kind aliases { name kind }
        relations(first: 10) { totalCount nodes { key predicate status subject { slug name } object { slug name } } } }""",
    "50 actors": """actors(first: 50 THEN) { edges { cursor node { id name kind
        relations(first: 5) { nodes { predicate status object { slug name } } }
        statements(last: 2) { nodes { id content when { edtf } } } } } pageInfo { hasNextPage endCursor } }""",
    "timeline of 100": """timeline(first: 100 THEN) { edges { cursor node { id kind when { edtf } article { slug title } evidence { exact }
        ... on StatementMade { speaker { slug name } } ... on MeetingHeld { participants { role actor { slug name } } } } }
        pageInfo { hasNextPage endCursor } }""",
}
