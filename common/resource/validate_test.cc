#include "common/resource/validate.h"

#include <cmath>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/resource/sample.pb.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

using test::EqualsProto;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);  // November 2026.

sample::CreateTicketRequest Good() {
  sample::CreateTicketRequest request;
  request.set_parent("counties/469030");
  auto* ticket = request.mutable_ticket();
  ticket->set_kind(sample::HELP);
  ticket->set_title("电梯停运");
  ticket->set_amount(5);
  return request;
}

std::vector<std::string> Paths(const absl::Status& status) {
  std::vector<std::string> paths;
  if (const auto details = BadRequestOf(status)) {
    for (const auto& violation : details->field_violations()) {
      paths.push_back(violation.field());
    }
  }
  return paths;
}

TEST(Validate, LazyMessage_IsLeftToItsHandler) {
  sample::SyncTicketsRequest request;
  sample::Draft& draft = *request.add_drafts();
  draft.set_id("a");
  EXPECT_THAT(Paths(Validate(&request, kNow)), ElementsAre("drafts[0].ticket"));
  // Neither checked nor cleared.
  draft.mutable_ticket()->set_amount(99);
  draft.mutable_ticket()->set_state("CLOSED");
  const std::string before = request.SerializeAsString();
  EXPECT_TRUE(Validate(&request, kNow).ok());
  EXPECT_EQ(request.SerializeAsString(), before);
  EXPECT_FALSE(Validate(draft.mutable_ticket(), kNow).ok());
  EXPECT_EQ(draft.ticket().state(), "");
}

TEST(Validate, GoodRequest_Passes) {
  sample::CreateTicketRequest request = Good();
  auto* ticket = request.mutable_ticket();
  ticket->mutable_caller()->set_name("欧阳娜娜");
  ticket->mutable_caller()->set_phone("0898-86222222");
  ticket->mutable_caller()->set_citizen_id("11010519491231002X");
  ticket->mutable_point()->set_latitude(19.03);
  ticket->set_code("469030100000");
  ticket->set_floor(0);
  ticket->add_tags("a\nb\tc");
  ticket->mutable_occurred()->set_seconds(1'795'000'000);
  ticket->mutable_lasted()->set_seconds(-5);
  ticket->set_photo("jpeg");
  ticket->add_kinds(sample::PRAISE);
  request.set_request_id("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  const absl::Status status = Validate(&request, kNow);
  EXPECT_TRUE(status.ok()) << status;
}

struct Case {
  const char* path;
  const char* got;
  const char* want;
  std::function<void(sample::CreateTicketRequest&)> spoil;
};

class ValidateTable : public testing::TestWithParam<Case> {};

TEST_P(ValidateTable, Fault_IsNamedAtItsPath) {
  sample::CreateTicketRequest request = Good();
  GetParam().spoil(request);
  const absl::Status status = Validate(&request, kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  ASSERT_THAT(Paths(status), ElementsAre(GetParam().path)) << status;
  const std::string description = BadRequestOf(status)->field_violations(0).description();
  EXPECT_THAT(description, HasSubstr(absl::StrCat("got ", GetParam().got)));
  EXPECT_THAT(description, HasSubstr(absl::StrCat("want ", GetParam().want)));
}

using R = sample::CreateTicketRequest;

INSTANTIATE_TEST_SUITE_P(
    Required, ValidateTable,
    testing::Values(
        Case{"parent", "nothing", "a value", [](R& r) { r.clear_parent(); }},
        Case{"ticket", "nothing", "a value", [](R& r) { r.clear_ticket(); }},
        Case{"ticket.kind", "nothing", "a value", [](R& r) { r.mutable_ticket()->clear_kind(); }},
        Case{"ticket.title", "nothing", "a value", [](R& r) { r.mutable_ticket()->clear_title(); }},
        Case{"ticket.caller.name", "nothing", "a value",
             [](R& r) { r.mutable_ticket()->mutable_caller(); }},
        Case{"ticket.helpers[1].name", "nothing", "a value",
             [](R& r) {
               r.mutable_ticket()->add_helpers()->set_name("王");
               r.mutable_ticket()->add_helpers();
             }},
        Case{"ticket.by_role[0].value.name", "nothing", "a value",
             [](R& r) { (*r.mutable_ticket()->mutable_by_role())["a"].set_grid("x"); }}));

INSTANTIATE_TEST_SUITE_P(
    Texts, ValidateTable,
    testing::Values(Case{"ticket.title", "1 characters", "at least 2",
                         [](R& r) { r.mutable_ticket()->set_title("电"); }},
                    Case{"ticket.title", "7 characters", "at most 6",
                         [](R& r) { r.mutable_ticket()->set_title("一二三四五六七"); }},
                    Case{"ticket.title", "control characters", "text",
                         [](R& r) { r.mutable_ticket()->set_title("电梯\b"); }},
                    Case{"ticket.title", "control characters", "text",
                         [](R& r) { r.mutable_ticket()->set_title(std::string("a\0b", 3)); }},
                    Case{"ticket.title", "bytes that are no UTF-8", "UTF-8",
                         [](R& r) { r.mutable_ticket()->set_title("\xE7\x94"); }},
                    Case{"ticket.tags[1]", "257 characters", "at most 256",
                         [](R& r) {
                           r.mutable_ticket()->add_tags("a");
                           r.mutable_ticket()->add_tags(std::string(257, 'a'));
                         }},
                    Case{"ticket.address", "0 characters", "at least 2",
                         [](R& r) { r.mutable_ticket()->set_address(""); }},
                    Case{"ticket.photo", "5 bytes", "at most 4",
                         [](R& r) { r.mutable_ticket()->set_photo("12345"); }},
                    Case{
                        "ticket.caller.name", "5 characters", "at most 4",
                        [](R& r) { r.mutable_ticket()->mutable_caller()->set_name("一二三四五"); }},
                    Case{"ticket.at.phone", "a service number", "a mobile number", [](R& r) {
                           r.mutable_ticket()->mutable_at()->set_name("王");
                           r.mutable_ticket()->mutable_at()->set_phone("12345");
                         }}));

INSTANTIATE_TEST_SUITE_P(
    Values, ValidateTable,
    testing::Values(
        Case{"ticket.kind", "9", "a value of Kind",
             [](R& r) { r.mutable_ticket()->set_kind(static_cast<sample::Kind>(9)); }},
        Case{"ticket.kinds[0]", "-1", "a value of Kind",
             [](R& r) { r.mutable_ticket()->add_kinds(static_cast<sample::Kind>(-1)); }},
        Case{"ticket.amount", "0", "1 to 10", [](R& r) { r.mutable_ticket()->clear_amount(); }},
        Case{"ticket.amount", "11", "1 to 10", [](R& r) { r.mutable_ticket()->set_amount(11); }},
        Case{"ticket.floor", "-3", "-2 to 99", [](R& r) { r.mutable_ticket()->set_floor(-3); }},
        Case{"ticket.score", "nan", "a finite number",
             [](R& r) { r.mutable_ticket()->set_score(std::nan("")); }},
        Case{"ticket.point.latitude", "90.5", "-90 to 90",
             [](R& r) { r.mutable_ticket()->mutable_point()->set_latitude(90.5); }},
        Case{"ticket.point.longitude", "nan", "a finite number",
             [](R& r) { r.mutable_ticket()->mutable_point()->set_longitude(std::nan("")); }},
        Case{"ticket.helpers", "4 elements", "at most 3",
             [](R& r) {
               for (int i = 0; i < 4; ++i) {
                 r.mutable_ticket()->add_helpers()->set_name("王");
               }
             }},
        Case{"ticket.kinds", "1001 elements", "at most 1000",
             [](R& r) {
               for (int i = 0; i < 1001; ++i) {
                 r.mutable_ticket()->add_kinds(sample::HELP);
               }
             }},
        Case{"ticket.occurred", "253402300800 s", "a time",
             [](R& r) { r.mutable_ticket()->mutable_occurred()->set_seconds(253'402'300'800); }},
        Case{"ticket.occurred", "0 s -1 ns", "a time",
             [](R& r) { r.mutable_ticket()->mutable_occurred()->set_nanos(-1); }},
        Case{"ticket.lasted", "1 s -1 ns", "a duration",
             [](R& r) {
               r.mutable_ticket()->mutable_lasted()->set_seconds(1);
               r.mutable_ticket()->mutable_lasted()->set_nanos(-1);
             }},
        Case{"ticket.code", "46903010000", "12 digits",
             [](R& r) { r.mutable_ticket()->set_code("46903010000"); }},
        Case{"parent", "counties/469030/units/1", "counties/* or counties/*/grids/*",
             [](R& r) { r.set_parent("counties/469030/units/1"); }},
        Case{"request_id", "a b", "1-36", [](R& r) { r.set_request_id("a b"); }}));

TEST(Validate, PersonalValues_AreNeverRepeated) {
  R request = Good();
  auto* caller = request.mutable_ticket()->mutable_caller();
  caller->set_name("司马相如之子");
  caller->set_phone("1381234123");
  caller->set_citizen_id("110105194912310021");
  const absl::Status status = Validate(&request, kNow);
  EXPECT_THAT(Paths(status),
              ElementsAre("ticket.caller.name", "ticket.caller.phone", "ticket.caller.citizen_id"));
  for (const char* secret : {"司马", "1381234123", "110105194912310021"}) {
    EXPECT_FALSE(absl::StrContains(status.ToString(), secret)) << status;
    EXPECT_FALSE(absl::StrContains(BadRequestOf(status)->DebugString(), secret));
  }
}

TEST(Validate, ManyFaults_AreListedUpToTwentyInOrder) {
  R request;
  request.set_request_id("a b");
  auto* ticket = request.mutable_ticket();
  for (int i = 0; i < 30; ++i) {
    ticket->add_kinds(static_cast<sample::Kind>(100 + i));
  }
  const absl::Status status = Validate(&request, kNow);
  const auto paths = Paths(status);
  ASSERT_EQ(paths.size(), 20U);
  EXPECT_EQ(paths[0], "parent");
  EXPECT_EQ(paths[1], "ticket.kind");
  EXPECT_EQ(paths[2], "ticket.title");
  EXPECT_EQ(paths[3], "ticket.amount");
  EXPECT_EQ(paths[4], "ticket.kinds[0]");
  EXPECT_THAT(std::string(status.message()), HasSubstr("parent: got nothing"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("and 19 more"));
  google::rpc::LocalizedMessage zh;
  zh.ParseFromString(
      std::string(*status.GetPayload("type.googleapis.com/google.rpc.LocalizedMessage")));
  EXPECT_THAT(zh.message(), HasSubstr("parent"));
  EXPECT_THAT(zh.message(), HasSubstr("另有 19 处"));
}

TEST(Validate, OutputOnlyFields_AreClearedAtAnyDepth) {
  R request = Good();
  auto* ticket = request.mutable_ticket();
  ticket->set_name("counties/469030/tickets/1");
  ticket->set_state("CLOSED\r");
  ticket->mutable_caller()->set_name("王");
  ticket->mutable_caller()->set_grid("g");
  ticket->add_helpers()->set_name("王");
  ticket->mutable_helpers(0)->set_grid("g");
  (*ticket->mutable_by_role())["a"].set_name("王");
  (*ticket->mutable_by_role())["a"].set_grid("g");
  R want = request;
  want.mutable_ticket()->clear_name();
  want.mutable_ticket()->clear_state();
  want.mutable_ticket()->mutable_caller()->clear_grid();
  want.mutable_ticket()->mutable_helpers(0)->clear_grid();
  (*want.mutable_ticket()->mutable_by_role())["a"].clear_grid();
  ASSERT_TRUE(Validate(&request, kNow).ok());
  EXPECT_THAT(request, EqualsProto(want));
}

TEST(Validate, ListRequest_ChecksItsFormats) {
  struct FormatCase {
    const char* field;
    const char* good;
    const char* bad;
  };
  const FormatCase cases[] = {
      {"category", "0102", "010"},
      {"day", "2026-11-22", "2026-02-30"},
      {"day", "1999-12-31", "2026-1-1"},
      {"id", "zhujian-1", "-zhujian"},
      {"id", "0", "Zhujian"},
      {"county", "469030", "469000a"},
      {"grid", "469030100001001", "469030100001000"},
      {"credit", "91350100M000100Y43", "91350100M000100Y44"},
      {"area", "469030000000", "469000000000000"},
      {"area", "469030100001", "46903010000x"},
      {"units", "counties/469030/units/zhujian", ""},
  };
  for (const FormatCase& c : cases) {
    for (const bool good : {true, false}) {
      sample::ListTicketsRequest request;
      const auto* field = request.GetDescriptor()->FindFieldByName(c.field);
      const char* value = good ? c.good : c.bad;
      if (field->is_repeated()) {
        request.GetReflection()->AddString(&request, field, value);
      } else {
        request.GetReflection()->SetString(&request, field, value);
      }
      const absl::Status status = Validate(&request, kNow);
      EXPECT_EQ(status.ok(), good) << c.field << " " << value << " " << status;
      if (!good) {
        EXPECT_EQ(Paths(status).size(), 1U);
      }
    }
  }
}

TEST(Validate, NegativePageSize_IsRefused) {
  sample::ListTicketsRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(Paths(Validate(&request, kNow)), ElementsAre("page_size"));
  request.set_page_size(100'000);
  EXPECT_THAT(Paths(Validate(&request, kNow)), IsEmpty());
}

TEST(Validate, CitizenIdOfTheFuture_DependsOnTheClock) {
  R request = Good();
  request.mutable_ticket()->mutable_caller()->set_name("王");
  request.mutable_ticket()->mutable_caller()->set_citizen_id("11010519491231002X");
  EXPECT_TRUE(Validate(&request, kNow).ok());
  EXPECT_FALSE(
      Validate(&request, absl::FromCivil(absl::CivilDay(1940, 1, 1), absl::UTCTimeZone())).ok());
}

}  // namespace
}  // namespace baimi::resource
