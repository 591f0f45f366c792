#include "services/grid_registry/api/registry_api.h"

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/journal/log.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/grid_registry/domain/area_import.h"
#include "services/grid_registry/domain/row.h"
#include "services/grid_registry/testing/sample_county.h"

namespace baimi::registry::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = sql::Open("sqlite::memory:", {});
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
    ASSERT_TRUE(sql::Migrate(*database_, "journal", journal::JournalMigrations(), clock_).ok());
    ASSERT_TRUE(sql::Migrate(*database_, "registry", store::RegistryMigrations(), clock_).ok());
    counties_ = std::make_unique<CountyCache>(database_.get(), &store_, &clock_);
    writer_ = journal::Writer::Create(database_.get(), &vault_, &clock_, {});
    writer_->AddCommitListener(
        [this](absl::string_view county, int64_t seq) { counties_->Committed(county, seq); });
    parts_ = {
        .writer = writer_.get(), .store = &store_, .counties = counties_.get(), .pages = &pages_};
  }

  Call Caller(absl::string_view method = "/test/Method", absl::string_view county = "469030") {
    Call call;
    call.actor.set_id("tester");
    call.county = std::string(county);
    call.method = std::string(method);
    call.now = clock_.Now();
    call.scope.whole_county = true;
    call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
    return call;
  }

  absl::StatusOr<v1::Area> CreateArea(const std::string& code, const std::string& name,
                                      v1::AreaKind kind) {
    v1::CreateAreaRequest request;
    request.mutable_area()->set_code(code);
    request.mutable_area()->set_display_name(name);
    request.mutable_area()->set_kind(kind);
    return AreaApi(parts_).Create(Caller(), request).Wait();
  }

  // The whole sample, as its loader does it.
  void LoadSample() {
    const testing::SampleFiles files = testing::ReadSampleFiles();
    v1::ImportAreasRequest areas;
    areas.set_csv(files.areas_csv);
    ASSERT_EQ(AreaApi(parts_).Import(Caller(), areas).Wait()->created(), 137);
    ASSERT_EQ(GridApi(parts_).Import(Caller(), files.grids).Wait()->created(), 160);
    UnitApi units(parts_);
    std::vector<Async<v1::Unit>> created_units;
    for (const auto& request : files.units.units()) {
      created_units.push_back(units.Create(Caller(), request));
    }
    EstateApi estates(parts_);
    std::vector<Async<v1::Estate>> created_estates;
    for (const auto& request : files.estates.estates()) {
      created_estates.push_back(estates.Create(Caller(), request));
    }
    for (Async<v1::Unit>& created : created_units) {
      ASSERT_TRUE(std::move(created).Wait().ok());
    }
    for (Async<v1::Estate>& created : created_estates) {
      ASSERT_TRUE(std::move(created).Wait().ok());
    }
  }

  absl::StatusOr<v1::Area> GetArea(const Call& call, const std::string& code) {
    v1::GetAreaRequest request;
    request.set_name("counties/469030/areas/" + code);
    return AreaApi(parts_).Get(call, request).Wait();
  }

  int64_t Head() {
    int64_t seq = -1;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) {
                             seq = *journal::HeadSeq(reader, "469030", journal::kMainStream);
                             return absl::OkStatus();
                           })
                    .ok());
    return seq;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'760'000'000)};
  std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  privacy::Vault vault_{nullptr, rng_.get()};
  std::unique_ptr<sql::Database> database_;
  const store::RegistryStore store_ = {};
  const resource::PageTokens pages_{std::string(32, 'k'), &clock_, rng_.get()};
  std::unique_ptr<CountyCache> counties_;
  std::unique_ptr<journal::Writer> writer_;
  Parts parts_;
};

TEST_F(ApiTest, CreateThenGet_SeesIt) {
  const auto created = CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->etag(), "v1");
  EXPECT_EQ(created->level(), v1::COUNTY);
  const auto read = GetArea(Caller(), "469030000000");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->display_name(), "琼中县");
  EXPECT_TRUE(absl::IsNotFound(GetArea(Caller(), "469030100000").status()));
  // A read between two writes does not hide the second one.
  ASSERT_TRUE(CreateArea("469030100000", "营根镇", v1::TOWN).ok());
  EXPECT_TRUE(GetArea(Caller(), "469030100000").ok());
  EXPECT_EQ(Head(), 2);
}

TEST_F(ApiTest, CreateTwice_AlreadyExistsAndNothingWritten) {
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  const auto second = CreateArea("469030000000", "别的", v1::COUNTY_SEAT);
  EXPECT_TRUE(absl::IsAlreadyExists(second.status()));
  EXPECT_EQ(ReasonOf(second.status()), "RESOURCE_EXISTS");
  EXPECT_EQ(GetArea(Caller(), "469030000000")->display_name(), "琼中县");
  EXPECT_EQ(Head(), 1);
  EXPECT_EQ(ReasonOf(CreateArea("469030101001", "湾岭社区", v1::COMMUNITY).status()),
            "PARENT_UNKNOWN");
  EXPECT_EQ(Head(), 1);
}

TEST_F(ApiTest, OtherCounty_RefusedByCodeAndByName) {
  EXPECT_EQ(ReasonOf(CreateArea("211202000000", "银州区", v1::COUNTY_SEAT).status()),
            "PARENT_UNKNOWN");
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  const auto status = GetArea(Caller("/m", "211202"), "469030000000").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  v1::ListAreasRequest list;
  list.set_subtree("211202001000");
  EXPECT_TRUE(absl::IsInvalidArgument(AreaApi(parts_).List(Caller(), list).Wait().status()));
}

TEST_F(ApiTest, SameRequestId_SameAnswerOnce) {
  v1::CreateAreaRequest request;
  request.mutable_area()->set_code("469030000000");
  request.mutable_area()->set_display_name("琼中县");
  request.mutable_area()->set_kind(v1::COUNTY_SEAT);
  Call call = Caller();
  call.request_id = "r-1";
  call.fingerprint = "f";
  const auto first = AreaApi(parts_).Create(call, request).Wait();
  const auto second = AreaApi(parts_).Create(call, request).Wait();
  ASSERT_TRUE(first.ok() && second.ok()) << second.status();
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(Head(), 1);
}

TEST_F(ApiTest, ValidateOnly_AnswersAndKeepsNothing) {
  v1::CreateAreaRequest request;
  request.mutable_area()->set_code("469030000000");
  request.mutable_area()->set_display_name("琼中县");
  request.mutable_area()->set_kind(v1::COUNTY_SEAT);
  Call call = Caller();
  call.validate_only = true;
  EXPECT_EQ(AreaApi(parts_).Create(call, request).Wait()->etag(), "v1");
  EXPECT_TRUE(absl::IsNotFound(GetArea(Caller(), "469030000000").status()));
  EXPECT_EQ(Head(), 0);
}

TEST_F(ApiTest, Update_MaskEtagAndNoChange) {
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  v1::UpdateAreaRequest request;
  request.mutable_area()->set_name("counties/469030/areas/469030000000");
  request.mutable_area()->set_display_name("琼中黎族苗族自治县");
  request.mutable_area()->set_source("ignored: not in the mask");
  request.mutable_area()->set_etag("v1");
  request.mutable_update_mask()->add_paths("display_name");
  clock_.Advance(absl::Hours(1));
  const auto updated = AreaApi(parts_).Update(Caller(), request).Wait();
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->display_name(), "琼中黎族苗族自治县");
  EXPECT_EQ(updated->source(), "");
  EXPECT_EQ(updated->etag(), "v2");
  EXPECT_EQ(updated->update_time().seconds() - updated->create_time().seconds(), 3600);

  const auto stale = AreaApi(parts_).Update(Caller(), request).Wait();
  EXPECT_TRUE(absl::IsAborted(stale.status()));
  EXPECT_EQ(ReasonOf(stale.status()), "ETAG_MISMATCH");

  request.mutable_area()->set_etag("v2");
  EXPECT_EQ(AreaApi(parts_).Update(Caller(), request).Wait()->etag(), "v2");
  EXPECT_EQ(Head(), 2);

  request.mutable_update_mask()->set_paths(0, "code");
  EXPECT_TRUE(absl::IsInvalidArgument(AreaApi(parts_).Update(Caller(), request).Wait().status()));
  request.mutable_area()->set_name("counties/469030/areas/469030999000");
  EXPECT_TRUE(absl::IsNotFound(AreaApi(parts_).Update(Caller(), request).Wait().status()));
}

TEST_F(ApiTest, ImportWithOneBadRow_NothingChanged) {
  v1::ImportAreasRequest request;
  request.set_csv("code,name,kind\n469030000000,琼中县,县\n469030100000,营根镇,城\n");
  const auto status = AreaApi(parts_).Import(Caller(), request).Wait().status();
  EXPECT_EQ(ReasonOf(status), "IMPORT_ROWS_REFUSED");
  EXPECT_EQ(Head(), 0);
  EXPECT_TRUE(absl::IsNotFound(GetArea(Caller(), "469030000000").status()));
}

TEST_F(ApiTest, ImportsOfTheSample_SecondTimeUnchangedAndUnrecorded) {
  LoadSample();
  const int64_t head = Head();
  const testing::SampleFiles files = testing::ReadSampleFiles();
  EXPECT_EQ(head, 137 + 160 + files.units.units_size() + files.estates.estates_size());
  v1::ImportAreasRequest areas;
  areas.set_csv(files.areas_csv);
  EXPECT_EQ(AreaApi(parts_).Import(Caller(), areas).Wait()->unchanged(), 137);
  EXPECT_EQ(GridApi(parts_).Import(Caller(), files.grids).Wait()->unchanged(), 160);
  EXPECT_EQ(Head(), head);
}

TEST_F(ApiTest, JournalOfTheSample_ReplaysToTheRowsAndVerifies) {
  LoadSample();
  v1::UpdateGridRequest update;
  update.mutable_grid()->set_name("counties/469030/grids/469030100003001");
  update.mutable_grid()->set_people(900);
  ASSERT_TRUE(GridApi(parts_).Update(Caller(), update).Wait().ok());
  std::map<std::string, v1::Grid> grids;
  ASSERT_TRUE(database_
                  ->Read({},
                         [&](sql::Reader& reader) {
                           return journal::ReadStream(
                               reader, "469030", journal::kMainStream, 0, 10000,
                               [&](const type::v1::JournalRecord& record) -> absl::Status {
                                 EXPECT_TRUE(record.sealed().empty());
                                 v1::GridSaved event;
                                 if (record.type() != "baimi.registry.v1.GridSaved") {
                                   return absl::OkStatus();
                                 }
                                 EXPECT_TRUE(event.ParseFromString(record.payload()));
                                 const auto row = grids.find(record.resource());
                                 const auto next = domain::Apply(
                                     row == grids.end() ? nullptr : &row->second, event);
                                 EXPECT_TRUE(next.ok()) << next.status();
                                 grids[record.resource()] = *next;
                                 return absl::OkStatus();
                               });
                         })
                  .ok());
  const auto county = counties_->Get(Caller());
  ASSERT_TRUE(county.ok());
  EXPECT_EQ(grids.size(), (*county)->rows().grids.size());
  for (const auto& [code, grid] : (*county)->rows().grids) {
    EXPECT_EQ(grids[grid->name()].SerializeAsString(), grid->SerializeAsString()) << code;
  }
  EXPECT_EQ(grids["counties/469030/grids/469030100003001"].people(), 900);
  EXPECT_TRUE(journal::Verify(*database_).ok());
}

TEST_F(ApiTest, ListAreas_PagesSubtreeFilters) {
  LoadSample();
  const auto list = [&](v1::ListAreasRequest request) {
    std::vector<std::string> codes;
    int pages = 0;
    do {
      const auto page = AreaApi(parts_).List(Caller("/List"), request).Wait();
      EXPECT_TRUE(page.ok()) << page.status();
      for (const v1::Area& area : page->areas()) {
        codes.push_back(area.code());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && ++pages < 100);
    EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
    return codes;
  };
  v1::ListAreasRequest request;
  EXPECT_THAT(list(request), SizeIs(137));
  request.set_page_size(7);
  EXPECT_THAT(list(request), SizeIs(137));
  request.set_level(v1::TOWNSHIP);
  EXPECT_THAT(list(request), SizeIs(11));
  request.clear_level();
  request.set_kind(v1::COMMUNITY);
  EXPECT_THAT(list(request), SizeIs(13));
  request.set_subtree("469030100000");
  EXPECT_THAT(list(request), ElementsAre("469030100001", "469030100002", "469030100003"));
  request.set_subtree("469030100003");
  EXPECT_THAT(list(request), ElementsAre("469030100003"));
  request.set_subtree("469030777000");
  EXPECT_THAT(list(request), IsEmpty());
}

TEST_F(ApiTest, PageToken_OfAnotherQuery_Refused) {
  LoadSample();
  v1::ListGridsRequest request;
  request.set_page_size(2);
  const auto first = GridApi(parts_).List(Caller("/List"), request).Wait();
  ASSERT_TRUE(first.ok());
  request.set_page_token(first->next_page_token());
  request.set_page_size(5);
  EXPECT_TRUE(GridApi(parts_).List(Caller("/List"), request).Wait().ok());
  request.set_subtree("469030100000");
  EXPECT_EQ(ReasonOf(GridApi(parts_).List(Caller("/List"), request).Wait().status()),
            "BAD_PAGE_TOKEN");
}

TEST_F(ApiTest, Scope_OutsideIsAsGoodAsAbsent) {
  LoadSample();
  Call township = Caller("/List");
  township.scope = {.whole_county = false, .area_prefixes = {"469030202"}, .units = {}};
  EXPECT_TRUE(GetArea(township, "469030202200").ok());
  EXPECT_TRUE(absl::IsNotFound(GetArea(township, "469030100003").status()));
  v1::ListAreasRequest areas;
  EXPECT_THAT(AreaApi(parts_).List(township, areas).Wait()->areas(), SizeIs(7));
  EXPECT_THAT(GridApi(parts_).List(township, {}).Wait()->grids(), SizeIs(6));
  EXPECT_THAT(UnitApi(parts_).List(township, {}).Wait()->units(), SizeIs(7));
  EXPECT_THAT(EstateApi(parts_).List(township, {}).Wait()->estates(), IsEmpty());
  v1::UpdateAreaRequest update;
  update.mutable_area()->set_name("counties/469030/areas/469030100003");
  update.mutable_area()->set_display_name("改名");
  EXPECT_TRUE(absl::IsNotFound(AreaApi(parts_).Update(township, update).Wait().status()));
  v1::ImportAreasRequest import;
  import.set_csv("code,name,kind\n469030100003,改名社区,社区\n");
  EXPECT_TRUE(absl::IsNotFound(AreaApi(parts_).Import(township, import).Wait().status()));
  EXPECT_EQ(GetArea(Caller(), "469030100003")->display_name(), "营北社区");
}

TEST_F(ApiTest, Scope_RowIsNotMovedOutOfIt) {
  LoadSample();
  v1::CreateUnitRequest create;
  create.set_unit_id("team");
  create.mutable_unit()->set_display_name("网格队");
  create.mutable_unit()->set_kind(v1::GRID_TEAM);
  create.mutable_unit()->set_area("counties/469030/areas/469030202200");
  Call township = Caller();
  township.scope = {.whole_county = false, .area_prefixes = {"469030202"}, .units = {}};
  ASSERT_TRUE(UnitApi(parts_).Create(township, create).Wait().ok());
  const int64_t head = Head();
  v1::UpdateUnitRequest update;
  update.mutable_unit()->set_name("counties/469030/units/team");
  update.mutable_unit()->set_area("counties/469030/areas/469030100003");
  EXPECT_TRUE(absl::IsNotFound(UnitApi(parts_).Update(township, update).Wait().status()));
  EXPECT_EQ(Head(), head);
  EXPECT_TRUE(UnitApi(parts_).Update(Caller(), update).Wait().ok());
}

TEST_F(ApiTest, Locate_ByAddressAndFollowsChanges) {
  LoadSample();
  v1::LocateGridRequest request;
  request.set_address("营根镇营北社区珉华小区3栋");
  const auto found = GridApi(parts_).Locate(Caller(), request).Wait();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->reason(), v1::ADDRESS_BUILDING);
  EXPECT_EQ(found->area().display_name(), "营北社区");

  request.set_address("新建花园");
  EXPECT_EQ(ReasonOf(GridApi(parts_).Locate(Caller(), request).Wait().status()), "NO_GRID_HERE");
  v1::CreateEstateRequest estate;
  estate.set_estate_id("xinjian");
  estate.mutable_estate()->set_display_name("新建花园");
  estate.mutable_estate()->set_grid("counties/469030/grids/469030100003004");
  ASSERT_TRUE(EstateApi(parts_).Create(Caller(), estate).Wait().ok());
  EXPECT_EQ(GridApi(parts_).Locate(Caller(), request).Wait()->grid().code(), "469030100003004");
}

TEST_F(ApiTest, ResolveUnits_NamedOnesAndThoseOfTheArea) {
  LoadSample();
  v1::ResolveUnitsRequest request;
  request.add_names("counties/469030/units/zhujianju");
  request.add_names("counties/469030/units/nobody");
  request.set_area("counties/469030/areas/469030100003");
  const auto found = DirectoryApi(parts_).ResolveUnits(Caller(), request).Wait();
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->units_size(), 1);
  EXPECT_EQ(found->units(0).name(), "counties/469030/units/zhujianju");
  EXPECT_EQ(found->community().name(), "counties/469030/units/cun-469030100003");
  EXPECT_EQ(found->township().name(), "counties/469030/units/yinggen-zhengfu");

  request.set_area("counties/469030/areas/469030500400");
  const auto forest = DirectoryApi(parts_).ResolveUnits(Caller(), request).Wait();
  EXPECT_TRUE(forest->has_community());
  EXPECT_FALSE(forest->has_township());
  request.set_area("counties/211202/areas/211202001001");
  EXPECT_TRUE(absl::IsInvalidArgument(
      DirectoryApi(parts_).ResolveUnits(Caller(), request).Wait().status()));
}

TEST_F(ApiTest, OtherReplicasWrite_SeenAfterMaxAgeOrByMinSeq) {
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  CountyCache replica(database_.get(), &store_, &clock_);
  EXPECT_THAT((*replica.Get(Caller()))->rows().areas, SizeIs(1));
  ASSERT_TRUE(CreateArea("469030100000", "营根镇", v1::TOWN).ok());
  EXPECT_THAT((*replica.Get(Caller()))->rows().areas, SizeIs(1));
  Call call = Caller();
  call.min_seq = 2;
  EXPECT_THAT((*replica.Get(call))->rows().areas, SizeIs(2));
  ASSERT_TRUE(CreateArea("469030101000", "湾岭镇", v1::TOWN).ok());
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_THAT((*replica.Get(Caller()))->rows().areas, SizeIs(3));
}

TEST_F(ApiTest, Read_HandsItsDeadlineToTheDatabase) {
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  Call late = Caller();
  late.machine_deadline = absl::InfinitePast();
  EXPECT_TRUE(absl::IsDeadlineExceeded(GetArea(late, "469030000000").status()));
  EXPECT_TRUE(GetArea(Caller(), "469030000000").ok());
  EXPECT_TRUE(GetArea(late, "469030000000").ok()) << "from memory";
}

TEST_F(ApiTest, ReadersAndWriters_EveryReadHoldsTheWritesBefore) {
  ASSERT_TRUE(CreateArea("469030000000", "琼中县", v1::COUNTY_SEAT).ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string code = absl::StrCat("469030", 100 + 25 * t + i, "000");
        EXPECT_TRUE(CreateArea(code, "某镇" + code, v1::TOWN).ok());
        EXPECT_TRUE(GetArea(Caller(), code).ok()) << code;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT((*counties_->Get(Caller()))->rows().areas, SizeIs(101));
}

TEST_F(ApiTest, TooManyRows_RefusedWithTheLimit) {
  v1::ImportAreasRequest request;
  std::string csv = "code,name,kind\n";
  for (size_t i = 0; i <= domain::kMaxImportRows; ++i) {
    absl::StrAppend(&csv, "469030100003,营北社区,社区\n");
  }
  request.set_csv(csv);
  const auto status = AreaApi(parts_).Import(Caller(), request).Wait().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("at most 5000 rows"));
}

}  // namespace
}  // namespace baimi::registry::api
