// The text of the migration for publications, leaders' shifts and alerts for areas.
#ifndef BAIMI_SERVICES_TICKET_STORE_PUBLISHING_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_PUBLISHING_SCHEMA_H_

namespace baimi::ticket::store {

// Months are YYYYMM; other ids the sequence of the first record.
inline constexpr char kPublishingSqlite[] = R"sql(
CREATE TABLE publications (
  county TEXT NOT NULL CHECK (length(county) = 6),
  month INTEGER NOT NULL,
  version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, month, version)
) STRICT;
CREATE TABLE leader_shifts (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id INTEGER NOT NULL,
  leader TEXT NOT NULL CHECK (length(leader) <= 63),
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX leader_shifts_by_time ON leader_shifts (county, start_us, id);
CREATE INDEX leader_shifts_by_leader ON leader_shifts (county, leader, start_us);
CREATE TABLE leader_shift_orders (
  county TEXT NOT NULL CHECK (length(county) = 6),
  shift INTEGER NOT NULL,
  number TEXT NOT NULL CHECK (length(number) = 15),
  PRIMARY KEY (county, shift, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE area_alerts (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX area_alerts_by_end ON area_alerts (county, end_us);
)sql";

inline constexpr char kPublishingPostgres[] = R"sql(
CREATE TABLE publications (
  county varchar(6) COLLATE "C" NOT NULL,
  month bigint NOT NULL,
  version bigint NOT NULL,
  state bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, month, version)
);
CREATE TABLE leader_shifts (
  county varchar(6) COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  leader varchar(63) COLLATE "C" NOT NULL,
  start_us bigint NOT NULL,
  end_us bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX leader_shifts_by_time ON leader_shifts (county, start_us, id);
CREATE INDEX leader_shifts_by_leader ON leader_shifts (county, leader, start_us);
CREATE TABLE leader_shift_orders (
  county varchar(6) COLLATE "C" NOT NULL,
  shift bigint NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  PRIMARY KEY (county, shift, number)
);
CREATE TABLE area_alerts (
  county varchar(6) COLLATE "C" NOT NULL,
  id bigint NOT NULL,
  start_us bigint NOT NULL,
  end_us bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX area_alerts_by_end ON area_alerts (county, end_us);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_PUBLISHING_SCHEMA_H_
