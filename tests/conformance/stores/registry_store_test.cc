// The registry's store on every database.
#include "services/grid_registry/store/registry_store.h"

#include "absl/strings/str_cat.h"
#include "baimi/registry/v1/events.pb.h"
#include "common/base/error.h"
#include "common/privacy/split.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/grid_registry/testing/sample_county.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::registry::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCounty[] = "469030";

class RegistryStoreTest : public ::testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    auto opened = sql::Open(site_->Uri(), {});
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
    ASSERT_TRUE(sql::Migrate(*database_, "registry", RegistryMigrations(), clock_).ok());
  }

  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return database_->Write({}, body);
  }

  static v1::Unit Office(const std::string& id, const std::string& area, v1::UnitKind kind) {
    v1::Unit unit;
    unit.set_name(absl::StrCat("counties/469030/units/", id));
    unit.set_area(absl::StrCat("counties/469030/areas/", area));
    unit.set_kind(kind);
    unit.set_etag("v1");
    return unit;
  }

  const SimulatedClock clock_{absl::FromUnixSeconds(1'760'000'000)};
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Database> database_;
  const RegistryStore store_ = {};
};

TEST_P(RegistryStoreTest, Rows_HoldNothingPersonal) {
  for (const auto* type :
       {v1::Area::descriptor(), v1::Grid::descriptor(), v1::Unit::descriptor(),
        v1::Estate::descriptor(), v1::AreaSaved::descriptor(), v1::GridSaved::descriptor(),
        v1::UnitSaved::descriptor(), v1::EstateSaved::descriptor()}) {
    EXPECT_FALSE(privacy::HasPii(type)) << type->full_name();
  }
}

TEST_P(RegistryStoreTest, SampleCounty_ReadsBackAsWritten) {
  const domain::CountyRows rows = testing::SampleCounty();
  const auto round_trip = [&](const auto& table, const auto& written, sql::Tx& tx) {
    for (const auto& [id, row] : written) {
      EXPECT_TRUE(table.Save(tx, kCounty, *row, 1).ok());
      const auto read = table.Load(tx, kCounty, id);
      ASSERT_TRUE(read.ok() && read->has_value()) << id;
      EXPECT_THAT(**read, test::EqualsProto(*row)) << id;
    }
    size_t count = 0;
    EXPECT_TRUE(
        table.Changed(tx, kCounty, 0, [&](const std::string&, const auto&) { ++count; }).ok());
    EXPECT_EQ(count, written.size());
  };
  ASSERT_TRUE(Write([&](sql::Tx& tx) {
                round_trip(store_.areas, rows.areas, tx);
                round_trip(store_.grids, rows.grids, tx);
                round_trip(store_.units, rows.units, tx);
                round_trip(store_.estates, rows.estates, tx);
                return absl::OkStatus();
              }).ok());
}

TEST_P(RegistryStoreTest, Changed_OnlyRowsBehindTheSequenceOfThatCounty) {
  const auto changed = [&](sql::Tx& tx, const char* county, int64_t seq) {
    std::vector<std::string> ids;
    EXPECT_TRUE(store_.units
                    .Changed(tx, county, seq,
                             [&](const std::string& id, const v1::Unit& unit) {
                               ids.push_back(absl::StrCat(id, " ", unit.etag()));
                             })
                    .ok());
    return ids;
  };
  ASSERT_TRUE(
      Write([&](sql::Tx& tx) {
        v1::Unit b = Office("b", "469030000000", v1::DEPARTMENT);
        EXPECT_TRUE(store_.units.Save(tx, kCounty, b, 5).ok());
        EXPECT_TRUE(
            store_.units.Save(tx, kCounty, Office("a", "469030000000", v1::DEPARTMENT), 6).ok());
        EXPECT_THAT(changed(tx, kCounty, 0), ElementsAre("a v1", "b v1"));
        EXPECT_THAT(changed(tx, kCounty, 5), ElementsAre("a v1"));
        EXPECT_THAT(changed(tx, kCounty, 6), IsEmpty());
        EXPECT_THAT(changed(tx, "211202", 0), IsEmpty());
        b.set_etag("v2");
        EXPECT_TRUE(store_.units.Save(tx, kCounty, b, 7).ok());
        EXPECT_THAT(changed(tx, kCounty, 6), ElementsAre("b v2"));
        return absl::OkStatus();
      }).ok());
}

TEST_P(RegistryStoreTest, SecondOfficeOfAnArea_AlreadyExists) {
  const auto save = [&](const v1::Unit& unit) {
    return Write([&](sql::Tx& tx) { return store_.units.Save(tx, kCounty, unit, 1); });
  };
  EXPECT_TRUE(save(Office("one", "469030100003", v1::VILLAGE_COMMITTEE)).ok());
  const auto second = save(Office("two", "469030100003", v1::VILLAGE_COMMITTEE));
  EXPECT_TRUE(absl::IsAlreadyExists(second));
  EXPECT_EQ(ReasonOf(second), "RESOURCE_EXISTS");
  EXPECT_TRUE(save(Office("one", "469030100003", v1::VILLAGE_COMMITTEE)).ok());
  EXPECT_TRUE(save(Office("team", "469030100003", v1::GRID_TEAM)).ok());
  EXPECT_TRUE(save(Office("x", "469030000000", v1::DEPARTMENT)).ok());
  EXPECT_TRUE(save(Office("y", "469030000000", v1::DEPARTMENT)).ok());
}

TEST_P(RegistryStoreTest, AbsentRow_Nullopt) {
  ASSERT_TRUE(Write([&](sql::Tx& tx) {
                EXPECT_FALSE(store_.areas.Load(tx, kCounty, "469030100003")->has_value());
                EXPECT_FALSE(*store_.areas.Exists(tx, kCounty, "469030100003"));
                return absl::OkStatus();
              }).ok());
}

INSTANTIATE_TEST_SUITE_P(Backends, RegistryStoreTest, ::testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::registry::store
