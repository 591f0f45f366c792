// The text of the migration for superior platforms, police links and blocked numbers.
#ifndef BAIMI_SERVICES_TICKET_STORE_SUPERIOR_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_SUPERIOR_SCHEMA_H_

namespace baimi::ticket::store {

// Orders by the platform's number, with keyed hashes of what it sent; `merged_into` follows the
// journal. Results: `pending` 1 waits for the push, 2 to be fetched, 0 is done. A lane is an order
// whose results are pushed one after the other: `stopped` 1 after one was given up, 2 when it goes
// on after that. A police link `waits` for its receipt; a block is `open` while no second one may
// stand beside it.
inline constexpr char kSuperiorSqlite[] = R"sql(
CREATE TABLE superior_orders (
  county TEXT NOT NULL CHECK (length(county) = 6),
  platform TEXT NOT NULL CHECK (length(platform) <= 63),
  number TEXT NOT NULL CHECK (length(number) <= 64),
  ticket TEXT NOT NULL CHECK (length(ticket) = 15),
  merged_into TEXT NOT NULL CHECK (length(merged_into) <= 15),
  digests BLOB NOT NULL,
  PRIMARY KEY (county, platform, number)
) STRICT;
CREATE UNIQUE INDEX superior_orders_ticket ON superior_orders (county, ticket);
CREATE INDEX superior_orders_merged ON superior_orders (county, merged_into)
  WHERE merged_into <> '';
CREATE TABLE superior_platforms (
  county TEXT NOT NULL CHECK (length(county) = 6),
  platform TEXT NOT NULL CHECK (length(platform) <= 63),
  last_seq INTEGER NOT NULL,
  ack_seq INTEGER NOT NULL,
  view INTEGER NOT NULL,
  PRIMARY KEY (county, platform)
) STRICT;
CREATE TABLE superior_results (
  county TEXT NOT NULL CHECK (length(county) = 6),
  platform TEXT NOT NULL CHECK (length(platform) <= 63),
  seq INTEGER NOT NULL,
  ticket TEXT NOT NULL CHECK (length(ticket) = 15),
  pending INTEGER NOT NULL CHECK (pending IN (0, 1, 2)),
  gave_up INTEGER NOT NULL CHECK (gave_up IN (0, 1)),
  ack_us INTEGER,
  time_us INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, platform, seq)
) STRICT;
CREATE INDEX superior_results_waiting ON superior_results (county, platform, seq)
  WHERE pending > 0;
CREATE INDEX superior_results_lane ON superior_results (county, ticket, seq) WHERE pending = 1;
CREATE TABLE superior_lanes (
  county TEXT NOT NULL CHECK (length(county) = 6),
  ticket TEXT NOT NULL CHECK (length(ticket) = 15),
  platform TEXT NOT NULL CHECK (length(platform) <= 63),
  stopped INTEGER NOT NULL CHECK (stopped IN (0, 1, 2)),
  try_us INTEGER,
  lease_us INTEGER NOT NULL,
  PRIMARY KEY (county, ticket)
) STRICT;
CREATE INDEX superior_lanes_due ON superior_lanes (try_us) WHERE try_us IS NOT NULL;
CREATE INDEX superior_lanes_stopped ON superior_lanes (county, platform) WHERE stopped = 1;
CREATE TABLE police_links (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  seq INTEGER NOT NULL,
  ticket TEXT NOT NULL CHECK (length(ticket) <= 15),
  waits INTEGER NOT NULL CHECK (waits IN (0, 1)),
  alarm_us INTEGER,
  lease_us INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE UNIQUE INDEX police_links_seq ON police_links (county, seq);
CREATE INDEX police_links_waiting ON police_links (county, seq) WHERE waits = 1;
CREATE INDEX police_links_ticket ON police_links (county, ticket, seq) WHERE ticket <> '';
CREATE INDEX police_links_due ON police_links (alarm_us) WHERE alarm_us IS NOT NULL;
CREATE TABLE police_cases (
  county TEXT NOT NULL CHECK (length(county) = 6),
  case_number TEXT NOT NULL CHECK (length(case_number) <= 64),
  kind INTEGER NOT NULL,
  id TEXT NOT NULL CHECK (length(id) <= 40),
  digests BLOB NOT NULL,
  PRIMARY KEY (county, case_number, kind)
) STRICT;
CREATE TABLE number_blocks (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  seq INTEGER NOT NULL,
  phone BLOB NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE UNIQUE INDEX number_blocks_seq ON number_blocks (county, seq);
CREATE UNIQUE INDEX number_blocks_open ON number_blocks (county, phone) WHERE open = 1;
)sql";

inline constexpr char kSuperiorPostgres[] = R"sql(
CREATE TABLE superior_orders (
  county varchar(6) COLLATE "C" NOT NULL,
  platform varchar(63) COLLATE "C" NOT NULL,
  number varchar(64) COLLATE "C" NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  merged_into varchar(15) COLLATE "C" NOT NULL,
  digests bytea NOT NULL,
  PRIMARY KEY (county, platform, number)
);
CREATE UNIQUE INDEX superior_orders_ticket ON superior_orders (county, ticket);
CREATE INDEX superior_orders_merged ON superior_orders (county, merged_into)
  WHERE merged_into <> '';
CREATE TABLE superior_platforms (
  county varchar(6) COLLATE "C" NOT NULL,
  platform varchar(63) COLLATE "C" NOT NULL,
  last_seq bigint NOT NULL,
  ack_seq bigint NOT NULL,
  view bigint NOT NULL,
  PRIMARY KEY (county, platform)
);
CREATE TABLE superior_results (
  county varchar(6) COLLATE "C" NOT NULL,
  platform varchar(63) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  pending bigint NOT NULL CHECK (pending IN (0, 1, 2)),
  gave_up bigint NOT NULL CHECK (gave_up IN (0, 1)),
  ack_us bigint,
  time_us bigint NOT NULL,
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, platform, seq)
);
CREATE INDEX superior_results_waiting ON superior_results (county, platform, seq)
  WHERE pending > 0;
CREATE INDEX superior_results_lane ON superior_results (county, ticket, seq) WHERE pending = 1;
CREATE TABLE superior_lanes (
  county varchar(6) COLLATE "C" NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  platform varchar(63) COLLATE "C" NOT NULL,
  stopped bigint NOT NULL CHECK (stopped IN (0, 1, 2)),
  try_us bigint,
  lease_us bigint NOT NULL,
  PRIMARY KEY (county, ticket)
);
CREATE INDEX superior_lanes_due ON superior_lanes (try_us) WHERE try_us IS NOT NULL;
CREATE INDEX superior_lanes_stopped ON superior_lanes (county, platform) WHERE stopped = 1;
CREATE TABLE police_links (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  waits bigint NOT NULL CHECK (waits IN (0, 1)),
  alarm_us bigint,
  lease_us bigint NOT NULL,
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX police_links_seq ON police_links (county, seq);
CREATE INDEX police_links_waiting ON police_links (county, seq) WHERE waits = 1;
CREATE INDEX police_links_ticket ON police_links (county, ticket, seq) WHERE ticket <> '';
CREATE INDEX police_links_due ON police_links (alarm_us) WHERE alarm_us IS NOT NULL;
CREATE TABLE police_cases (
  county varchar(6) COLLATE "C" NOT NULL,
  case_number varchar(64) COLLATE "C" NOT NULL,
  kind bigint NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  digests bytea NOT NULL,
  PRIMARY KEY (county, case_number, kind)
);
CREATE TABLE number_blocks (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  phone bytea NOT NULL,
  open bigint NOT NULL CHECK (open IN (0, 1)),
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX number_blocks_seq ON number_blocks (county, seq);
CREATE UNIQUE INDEX number_blocks_open ON number_blocks (county, phone) WHERE open = 1;
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SUPERIOR_SCHEMA_H_
