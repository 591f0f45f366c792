// The text of the migration for the knowledge base.
#ifndef BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_SCHEMA_H_

namespace baimi::ticket::store {

// Id: the sequence of the first record. A word stands once an article, with its weight.
inline constexpr char kKnowledgeSqlite[] = R"sql(
CREATE TABLE articles (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE TABLE article_words (
  county TEXT NOT NULL CHECK (length(county) = 6),
  word TEXT NOT NULL CHECK (length(word) <= 64),
  id INTEGER NOT NULL,
  weight INTEGER NOT NULL,
  PRIMARY KEY (county, word, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_words_of ON article_words (county, id);
CREATE TABLE answer_templates (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
)sql";

inline constexpr char kKnowledgePostgres[] = R"sql(
CREATE TABLE articles (
  county varchar(6) COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE TABLE article_words (
  county varchar(6) COLLATE "C" NOT NULL,
  word varchar(64) COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  weight bigint NOT NULL,
  PRIMARY KEY (county, word, id)
);
CREATE INDEX article_words_of ON article_words (county, id);
CREATE TABLE answer_templates (
  county varchar(6) COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, id)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_SCHEMA_H_
