// The text of the migration for attachments.
#ifndef BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_SCHEMA_H_

namespace baimi::ticket::store {

// `state` of a blob: BlobState in attachment_store.h. `alarm_us`: when somebody looks whether its
// bytes are to be destroyed; a blob that an order has, has none.
inline constexpr char kAttachmentsSqlite[] = R"sql(
CREATE TABLE ticket_blobs (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) = 32),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  attempt INTEGER NOT NULL,
  alarm_us INTEGER,
  lease_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  part_hashes BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX ticket_blobs_due ON ticket_blobs (alarm_us) WHERE alarm_us IS NOT NULL;
CREATE TABLE ticket_attachments (
  county TEXT NOT NULL CHECK (length(county) = 6),
  ticket TEXT NOT NULL CHECK (length(ticket) = 15),
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, ticket, number)
) STRICT;
)sql";

inline constexpr char kAttachmentsPostgres[] = R"sql(
CREATE TABLE ticket_blobs (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(32) COLLATE "C" NOT NULL,
  state bigint NOT NULL CHECK (state BETWEEN 0 AND 3),
  attempt bigint NOT NULL,
  alarm_us bigint,
  lease_us bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  part_hashes bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX ticket_blobs_due ON ticket_blobs (alarm_us) WHERE alarm_us IS NOT NULL;
CREATE TABLE ticket_attachments (
  county varchar(6) COLLATE "C" NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, ticket, number)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_SCHEMA_H_
