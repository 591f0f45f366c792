#include "common/journal/log.h"

namespace baimi::journal {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "journal",
     R"sql(
CREATE TABLE journal_heads (
  county TEXT NOT NULL CHECK (length(county) = 6),
  stream TEXT NOT NULL CHECK (length(stream) <= 16),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (county, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal (
  county TEXT NOT NULL,
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  resource TEXT NOT NULL CHECK (length(resource) <= 200),
  time_us INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (county, stream, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_by_resource ON journal (county, resource, seq) WHERE stream = 'main';
CREATE TABLE requests (
  county TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (length(actor) <= 200),
  method TEXT NOT NULL CHECK (length(method) <= 200),
  request_id TEXT NOT NULL CHECK (length(request_id) <= 36),
  fingerprint BLOB NOT NULL,
  answer BLOB NOT NULL,
  sealed BLOB NOT NULL,
  seq INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  PRIMARY KEY (county, actor, method, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_expiry ON requests (expires_us);
)sql",
     R"sql(
CREATE TABLE journal_heads (
  county varchar(6) COLLATE "C" NOT NULL,
  stream varchar(16) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (county, stream)
);
CREATE TABLE journal (
  county varchar(6) COLLATE "C" NOT NULL,
  stream varchar(16) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  resource varchar(200) COLLATE "C" NOT NULL,
  time_us bigint NOT NULL,
  bytes bytea NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (county, stream, seq)
);
CREATE INDEX journal_by_resource ON journal (county, resource, seq) WHERE stream = 'main';
CREATE TABLE requests (
  county varchar(6) COLLATE "C" NOT NULL,
  actor varchar(200) COLLATE "C" NOT NULL,
  method varchar(200) COLLATE "C" NOT NULL,
  request_id varchar(36) COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  answer bytea NOT NULL,
  sealed bytea NOT NULL,
  seq bigint NOT NULL,
  expires_us bigint NOT NULL,
  PRIMARY KEY (county, actor, method, request_id)
);
CREATE INDEX requests_by_expiry ON requests (expires_us);
)sql"},
    // SQLite keeps at most a kilobyte of a row inside a table that is its own index, and puts the
    // rest, half of the answers, on a page each; the pages were also hit in the random order of the
    // ids. In a plain table answers stand one behind the other.
    {2, "requests in the order of their arrival",
     R"sql(
ALTER TABLE requests RENAME TO requests_before;
DROP INDEX requests_by_expiry;
CREATE TABLE requests (
  county TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (length(actor) <= 200),
  method TEXT NOT NULL CHECK (length(method) <= 200),
  request_id TEXT NOT NULL CHECK (length(request_id) <= 36),
  fingerprint BLOB NOT NULL,
  answer BLOB NOT NULL,
  sealed BLOB NOT NULL,
  seq INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  PRIMARY KEY (county, actor, method, request_id)
) STRICT;
INSERT INTO requests SELECT * FROM requests_before;
DROP TABLE requests_before;
CREATE INDEX requests_by_expiry ON requests (expires_us);
)sql",
     R"sql(
COMMENT ON TABLE requests IS 'answers by request id';
)sql"},
    // Up to which record of its main stream a county's projection is made.
    {3, "projections",
     R"sql(
CREATE TABLE projections (
  county TEXT NOT NULL CHECK (length(county) = 6),
  name TEXT NOT NULL CHECK (length(name) <= 32),
  seq INTEGER NOT NULL,
  PRIMARY KEY (county, name)
) STRICT, WITHOUT ROWID;
)sql",
     R"sql(
CREATE TABLE projections (
  county varchar(6) COLLATE "C" NOT NULL,
  name varchar(32) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (county, name)
);
)sql"},
};

}  // namespace

absl::Span<const sql::Migration> JournalMigrations() { return kMigrations; }

}  // namespace baimi::journal
