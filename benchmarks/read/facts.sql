-- What the views show now, as plain tables for a peer that reads tables.
-- A table is numbered in the order in which it is listed, so that its primary key is all the order that a page needs.
DROP SCHEMA IF EXISTS facts CASCADE;
CREATE SCHEMA facts;

CREATE TABLE facts.articles (
    id integer PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    title text NOT NULL
);
INSERT INTO facts.articles
SELECT row_number() OVER (ORDER BY key), key, title
FROM public.articles WHERE to_position = 9223372036854775807;

CREATE TABLE facts.actors (
    id integer PRIMARY KEY,
    ref text NOT NULL,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL
);
INSERT INTO facts.actors
SELECT row_number() OVER (ORDER BY name, key), 'Actor:' || key, key, name, upper(kind)
FROM public.actors WHERE to_position = 9223372036854775807 AND merged_into IS NULL;

CREATE TABLE facts.aliases (
    actor_id integer NOT NULL REFERENCES facts.actors,
    ordinal integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (actor_id, ordinal)
);
INSERT INTO facts.aliases
SELECT actor.id, row_number() OVER (PARTITION BY actor.id ORDER BY alias.position, alias.key), alias.alias, upper(alias.kind)
FROM public.aliases AS alias JOIN facts.actors AS actor ON actor.slug = alias.actor
WHERE alias.to_position = 9223372036854775807;

-- A relation stands here for each actor that has a part in it, so that the page of an actor is a walk along the primary key.
CREATE TABLE facts.relations (
    actor_id integer NOT NULL REFERENCES facts.actors,
    ordinal integer NOT NULL,
    key text NOT NULL,
    predicate text NOT NULL,
    status text NOT NULL,
    subject_id integer NOT NULL REFERENCES facts.actors,
    object_id integer NOT NULL REFERENCES facts.actors,
    PRIMARY KEY (actor_id, ordinal)
);
INSERT INTO facts.relations
SELECT
    part.actor_id, row_number() OVER (PARTITION BY part.actor_id ORDER BY relation.key),
    relation.key, upper(relation.predicate), upper(relation.status), subject.id, object.id
FROM public.relations AS relation
JOIN facts.actors AS subject ON subject.slug = relation.subject
JOIN facts.actors AS object ON object.slug = relation.object
CROSS JOIN LATERAL (SELECT subject.id UNION SELECT object.id) AS part (actor_id)
WHERE relation.to_position = 9223372036854775807;
CREATE INDEX ON facts.relations (subject_id);
CREATE INDEX ON facts.relations (object_id);

CREATE TABLE facts.reports (
    id integer PRIMARY KEY,
    ref text NOT NULL,
    kind text NOT NULL,
    edtf text,
    article_id integer NOT NULL REFERENCES facts.articles,
    speaker_id integer REFERENCES facts.actors,
    content text
);
CREATE TABLE facts.quotes (
    report_id integer NOT NULL REFERENCES facts.reports,
    ordinal integer NOT NULL,
    exact text NOT NULL,
    PRIMARY KEY (report_id, ordinal)
);
CREATE TABLE facts.participants (
    report_id integer NOT NULL REFERENCES facts.reports,
    ordinal integer NOT NULL,
    role text NOT NULL,
    actor_id integer NOT NULL REFERENCES facts.actors,
    PRIMARY KEY (report_id, ordinal)
);
CREATE TEMPORARY TABLE told ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY day, position)::integer AS id, key, kind, article, payload
FROM public.reports WHERE to_position = 9223372036854775807 AND NOT retracted;
INSERT INTO facts.reports
SELECT
    told.id, 'Report:' || told.key, told.kind, told.payload #>> '{when,edtf}', article.id, speaker.id,
    CASE told.kind WHEN 'StatementMade' THEN told.payload ->> 'content' END
FROM told
JOIN facts.articles AS article ON article.slug = told.article
LEFT JOIN facts.actors AS speaker ON told.kind = 'StatementMade' AND speaker.slug = told.payload ->> 'speaker';
INSERT INTO facts.quotes
SELECT told.id, quote.ordinal, quote.value ->> 'exact'
FROM told, jsonb_array_elements(told.payload -> 'evidence') WITH ORDINALITY AS quote (value, ordinal);
INSERT INTO facts.participants
SELECT told.id, part.ordinal, upper(part.value ->> 'role'), actor.id
FROM told, jsonb_array_elements(told.payload -> 'participants') WITH ORDINALITY AS part (value, ordinal)
JOIN facts.actors AS actor ON actor.slug = part.value ->> 'actor'
WHERE told.kind = 'MeetingHeld';
CREATE INDEX ON facts.reports (article_id);
CREATE INDEX ON facts.reports (speaker_id, id);
CREATE INDEX ON facts.participants (actor_id);

-- The names under which the peer shows what it would name after the columns.
COMMENT ON CONSTRAINT relations_actor_id_fkey ON facts.relations IS '@foreignFieldName relations';
COMMENT ON CONSTRAINT reports_speaker_id_fkey ON facts.reports IS E'@fieldName speaker\n@foreignFieldName statements';
