#include "services/grid_registry/store/registry_store.h"

namespace baimi::registry::store {
namespace {

// `parent`: of an area the area above, of a grid its community, of a unit its area, of an estate
// its grid. Kinds 3 and 4 of units: TOWNSHIP_GOVERNMENT, VILLAGE_COMMITTEE.
constexpr sql::Migration kMigrations[] = {
    {1, "registry",
     R"sql(
CREATE TABLE areas (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 63),
  parent TEXT NOT NULL CHECK (length(parent) <= 15),
  kind INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  bytes BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX areas_by_seq ON areas (county, seq);
CREATE TABLE grids (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 63),
  parent TEXT NOT NULL CHECK (length(parent) <= 15),
  kind INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  bytes BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX grids_by_seq ON grids (county, seq);
CREATE TABLE units (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 63),
  parent TEXT NOT NULL CHECK (length(parent) <= 15),
  kind INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  bytes BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX units_by_seq ON units (county, seq);
CREATE UNIQUE INDEX units_one_office ON units (county, parent) WHERE kind IN (3, 4);
CREATE TABLE estates (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 63),
  parent TEXT NOT NULL CHECK (length(parent) <= 15),
  kind INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  bytes BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE INDEX estates_by_seq ON estates (county, seq);
)sql",
     R"sql(
CREATE TABLE areas (
  county varchar(6) COLLATE "C" NOT NULL CHECK (length(county) = 6),
  id varchar(63) COLLATE "C" NOT NULL,
  parent varchar(15) COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  bytes bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX areas_by_seq ON areas (county, seq);
CREATE TABLE grids (
  county varchar(6) COLLATE "C" NOT NULL CHECK (length(county) = 6),
  id varchar(63) COLLATE "C" NOT NULL,
  parent varchar(15) COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  bytes bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX grids_by_seq ON grids (county, seq);
CREATE TABLE units (
  county varchar(6) COLLATE "C" NOT NULL CHECK (length(county) = 6),
  id varchar(63) COLLATE "C" NOT NULL,
  parent varchar(15) COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  bytes bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX units_by_seq ON units (county, seq);
CREATE UNIQUE INDEX units_one_office ON units (county, parent) WHERE kind IN (3, 4);
CREATE TABLE estates (
  county varchar(6) COLLATE "C" NOT NULL CHECK (length(county) = 6),
  id varchar(63) COLLATE "C" NOT NULL,
  parent varchar(15) COLLATE "C" NOT NULL,
  kind smallint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  bytes bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX estates_by_seq ON estates (county, seq);
)sql"},
};

}  // namespace

absl::Span<const sql::Migration> RegistryMigrations() { return kMigrations; }

}  // namespace baimi::registry::store
