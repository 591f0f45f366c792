// The text of the migration for exports.
#ifndef BAIMI_SERVICES_TICKET_STORE_EXPORT_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_EXPORT_SCHEMA_H_

namespace baimi::ticket::store {

inline constexpr char kExportsSqlite[] = R"sql(
CREATE TABLE ticket_exports (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) = 32),
  requester TEXT NOT NULL CHECK (length(requester) <= 200),
  create_us INTEGER NOT NULL,
  running INTEGER NOT NULL CHECK (running IN (0, 1)),
  hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  attempt INTEGER NOT NULL,
  alarm_us INTEGER NOT NULL,
  lease_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX ticket_exports_own ON ticket_exports (county, requester, create_us, id);
CREATE INDEX ticket_exports_running ON ticket_exports (county) WHERE running = 1;
CREATE INDEX ticket_exports_due ON ticket_exports (alarm_us);
CREATE TABLE ticket_export_pages (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) = 32),
  page INTEGER NOT NULL,
  numbers TEXT NOT NULL,
  PRIMARY KEY (county, id, page)
) STRICT;
)sql";

inline constexpr char kExportsPostgres[] = R"sql(
CREATE TABLE ticket_exports (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(32) COLLATE "C" NOT NULL,
  requester varchar(200) COLLATE "C" NOT NULL,
  create_us bigint NOT NULL,
  running bigint NOT NULL CHECK (running IN (0, 1)),
  hidden bigint NOT NULL CHECK (hidden IN (0, 1)),
  attempt bigint NOT NULL,
  alarm_us bigint NOT NULL,
  lease_us bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX ticket_exports_own ON ticket_exports (county, requester, create_us, id);
CREATE INDEX ticket_exports_running ON ticket_exports (county) WHERE running = 1;
CREATE INDEX ticket_exports_due ON ticket_exports (alarm_us);
CREATE TABLE ticket_export_pages (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(32) COLLATE "C" NOT NULL,
  page bigint NOT NULL,
  numbers text COLLATE "C" NOT NULL,
  PRIMARY KEY (county, id, page)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_EXPORT_SCHEMA_H_
