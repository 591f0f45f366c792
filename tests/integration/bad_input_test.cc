// What comes in wrong goes out as the right refusal, and nothing is changed.
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;

constexpr char kTickets[] = "/v1/counties/469030/tickets";
constexpr char kGood[] =
    R"({"type":"HELP","channel":"PHONE","category":"0401","title":"垃圾未清运",
        "caller":{"phone":"13800138000"},"place":{"address":"珉华小区"}})";

struct BadCase {
  const char* what;
  const char* method;
  std::string target;
  std::string body;
  int status;
  const char* reason;
  // Of the first field violation; "" when none is due.
  const char* field;
};

std::string Nested(int depth) {
  return absl::StrCat(R"({"title":)", std::string(static_cast<size_t>(depth), '['),
                      std::string(static_cast<size_t>(depth), ']'), "}");
}

std::string With(absl::string_view member) {
  return absl::StrCat(R"({"type":"HELP","channel":"PHONE","category":"0401","title":"垃圾未清运",)",
                      R"("caller":{"phone":"13800138000"},)", member, "}");
}

std::vector<BadCase> Bodies() {
  const std::string t = kTickets;
  return {
      {"no JSON", "POST", t, "{\"type\":", 400, "MALFORMED_BODY", "body"},
      {"single quotes", "POST", t, "{'type':'HELP'}", 400, "MALFORMED_BODY", "body"},
      {"comma at the end", "POST", t, R"({"type":"HELP",})", 400, "MALFORMED_BODY", "body"},
      {"a key twice", "POST", t, R"({"type":"HELP","type":"HELP"})", 400, "MALFORMED_BODY", "body"},
      {"not UTF-8", "POST", t, "{\"title\":\"\xff\"}", 400, "MALFORMED_BODY", "body"},
      {"two values", "POST", t, "{}{}", 400, "MALFORMED_BODY", "body"},
      {"20 kB, 10 000 deep", "POST", t, Nested(10'000), 400, "BODY_TOO_DEEP", "body"},
      {"an array", "POST", t, "[]", 400, "INVALID_FIELD", nullptr},
      {"a number for a text", "POST", t, With(R"("description":7)"), 400, "INVALID_FIELD",
       "ticket.description"},
      {"a text for an object", "POST", t, With(R"("place":"珉华小区")"), 400, "INVALID_FIELD",
       "ticket.place"},
      {"an unknown name", "POST", t, With(R"("urgency":"SOON")"), 400, "INVALID_FIELD",
       "ticket.urgency"},
      {"an unknown field", "POST", t, With(R"("colour":"red")"), 400, "INVALID_FIELD", nullptr},
      {"no time", "POST", t, With(R"("occurredTime":"yesterday")"), 400, "INVALID_FIELD",
       "ticket.occurred_time"},
      {"oversize", "POST", t, absl::StrCat("{\"title\":\"", std::string(1 << 20, 'x'), "\"}"), 413,
       "BODY_TOO_LARGE", nullptr},
      {"nothing", "POST", t, "{}", 400, "INVALID_FIELD", "ticket.type"},
      {"a title too long", "POST", t,
       absl::StrCat(R"({"type":"HELP","channel":"PHONE","category":"0401","title":")",
                    std::string(81, 'x'), R"(","caller":{"phone":"13800138000"}})"),
       400, "INVALID_FIELD", "ticket.title"},
      {"a category of 3 digits", "POST", t,
       R"({"type":"HELP","channel":"PHONE","category":"040","title":"垃圾",
           "caller":{"phone":"13800138000"}})",
       400, "INVALID_FIELD", "ticket.category"},
      {"a category that nobody has", "POST", t,
       R"({"type":"HELP","channel":"PHONE","category":"77","title":"垃圾",
           "caller":{"phone":"13800138000"}})",
       400, "UNKNOWN_CATEGORY", "ticket.category"},
      {"a service number", "POST", t,
       R"({"type":"HELP","channel":"PHONE","category":"0401","title":"垃圾",
           "caller":{"phone":"12345"}})",
       400, "INVALID_FIELD", "ticket.caller.phone"},
  };
}

std::vector<BadCase> Codes() {
  return {
      {"an area of another county", "POST", "/v1/counties/469030/areas",
       R"({"code":"469029100000","displayName":"某镇","kind":"TOWN"})", 400, nullptr, "area.code"},
      {"an area code of 11 digits", "POST", "/v1/counties/469030/areas",
       R"({"code":"46903010000","displayName":"某镇","kind":"TOWN"})", 400, "INVALID_FIELD",
       "area.code"},
      {"a grid without its community", "POST", "/v1/counties/469030/grids",
       R"({"code":"469030999999001","displayName":"某网格"})", 400, nullptr, "grid.code"},
      {"a grid number 000", "POST", "/v1/counties/469030/grids",
       R"({"code":"469030100003000","displayName":"某网格"})", 400, "INVALID_FIELD", "grid.code"},
      {"a credit code with a wrong check digit", "POST",
       "/v1/counties/469030/units?unitId=wrong-check",
       R"({"displayName":"某单位","kind":"DEPARTMENT",
           "area":"counties/469030/areas/469030000000","creditCode":"91350100M000100Y44"})",
       400, "INVALID_FIELD", "unit.credit_code"},
      {"a polygon that crosses itself", "POST", "/v1/counties/469030/grids",
       R"({"code":"469030100003009","displayName":"某网格","polygon":{"outer":{"points":[
           {"latitude":19.0,"longitude":109.0},{"latitude":19.1,"longitude":109.1},
           {"latitude":19.0,"longitude":109.1},{"latitude":19.1,"longitude":109.0}]}}})",
       400, "BAD_POLYGON", nullptr},
      {"latitude 91", "POST", "/v1/counties/469030/grids:locate",
       R"({"point":{"latitude":91,"longitude":109}})", 400, "INVALID_FIELD", "point.latitude"},
  };
}

std::vector<BadCase> Routes() {
  const std::string t = kTickets;
  return {
      {"an unknown verb", "POST", t + "/20261123-000001:explode", "{}", 404, "NO_SUCH_METHOD",
       nullptr},
      {"an unknown path", "GET", "/v1/counties/469030/wishes", "", 404, "NO_SUCH_METHOD", nullptr},
      {"a path outside", "GET", "/v2/anything", "", 404, "NO_SUCH_METHOD", nullptr},
      {"climbing up", "GET", "/v1/counties/469030/../469029/tickets", "", 404, "NO_SUCH_METHOD",
       nullptr},
      {"the wrong method", "DELETE", t, "", 405, "METHOD_NOT_ALLOWED", nullptr},
      {"GET for a verb", "GET", t + "/20261123-000001:dispatch", "", 405, "METHOD_NOT_ALLOWED",
       nullptr},
      {"an unknown parameter", "GET", t + "?colour=red", "", 400, "INVALID_FIELD", nullptr},
      {"a page size that is none", "GET", t + "?pageSize=many", "", 400, "INVALID_FIELD",
       "page_size"},
      {"a page size beyond int32", "GET", t + "?pageSize=4294967296", "", 400, "INVALID_FIELD",
       "page_size"},
      {"a negative page size", "GET", t + "?pageSize=-1", "", 400, "INVALID_FIELD", "page_size"},
      {"a county of 5 digits", "GET", "/v1/counties/46903/tickets", "", 400, "INVALID_FIELD",
       "parent"},
      {"all counties", "GET", "/v1/counties/-/tickets", "", 400, "INVALID_FIELD", "parent"},
      {"a name of another kind", "GET", t + "?lead=counties/469030/grids/1", "", 400,
       "INVALID_FIELD", "lead"},
      {"an order's number that is none", "GET", t + "/abc", "", 404, "RESOURCE_NOT_FOUND", nullptr},
      {"a request_id with blanks", "POST", t + "?requestId=a%20b", kGood, 400, "INVALID_FIELD",
       "request_id"},
      {"a broken escape", "GET", t + "?lead=%zz", "", 400, "INVALID_FIELD", nullptr},
  };
}

class BadInputTest : public SuiteTest {
 protected:
  void Check(const std::vector<BadCase>& cases) {
    const int64_t head = Head();
    for (const BadCase& bad : cases) {
      SCOPED_TRACE(absl::StrCat(bad.what, ": ", bad.method, " ", bad.target));
      const auto answer = Http(bad.method, bad.target, bad.body);
      EXPECT_EQ(answer.status, bad.status) << answer.body.substr(0, 1000);
      EXPECT_THAT(answer.header("Content-Type"), HasSubstr("application/json"));
      if (bad.reason != nullptr) {
        EXPECT_THAT(answer.body, HasSubstr(absl::StrCat("\"", bad.reason, "\"")));
      }
      if (bad.field != nullptr) {
        EXPECT_THAT(answer.body, HasSubstr(absl::StrCat("\"field\":\"", bad.field, "\"")));
      }
      EXPECT_THAT(answer.body, HasSubstr("zh-CN"));
    }
    EXPECT_EQ(Head(), head);
  }
};

TEST_F(BadInputTest, Body_Malformed_IsRefusedAtItsField) { Check(Bodies()); }

TEST_F(BadInputTest, Code_Wrong_IsRefusedAtItsField) { Check(Codes()); }

TEST_F(BadInputTest, Route_Unknown_IsRefused) { Check(Routes()); }

// Whatever kind of field the depth begins at: text, message, list, map or nothing known.
TEST_F(BadInputTest, Gate_DeepBody_IsTooDeepAtEveryFieldAndEntersNoLane) {
  const auto waited = [this] {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(Admin("/metrics").body, '\n')) {
      if (absl::StartsWith(line, "baimi_lane_wait_seconds_count")) {
        lines.emplace_back(line);
      }
    }
    return lines;
  };
  const std::vector<std::string> before = waited();
  ASSERT_FALSE(before.empty());
  for (const char* field : {"title", "caller", "place", "occurredTime", "attachments", "unknown"}) {
    std::string body = Nested(10'000);
    body.replace(body.find("title"), 5, field);
    const auto answer = Http("POST", kTickets, body);
    EXPECT_EQ(answer.status, 400) << field;
    EXPECT_THAT(answer.body, HasSubstr("\"BODY_TOO_DEEP\"")) << field;
    EXPECT_THAT(answer.body, HasSubstr("\"field\":\"body\"")) << field;
  }
  EXPECT_EQ(waited(), before);
  EXPECT_EQ(Http("POST", kTickets, kGood).status, 200);
  EXPECT_NE(waited(), before);
}

TEST_F(BadInputTest, Gate_DeepBody_EntersNoService) {
  const auto served = [this] {
    const std::string metrics = Admin("/metrics").body;
    size_t lines = 0;
    for (size_t at = 0; (at = metrics.find("/CreateTicket\"", at)) != std::string::npos; ++at) {
      ++lines;
    }
    return lines;
  };
  EXPECT_EQ(served(), 0);
  EXPECT_EQ(Http("POST", kTickets, Nested(10'000)).status, 400);
  EXPECT_EQ(served(), 0);
  // It would be counted if it had come through.
  EXPECT_EQ(Http("POST", kTickets, "{}").status, 400);
  EXPECT_GT(served(), 0);
}

TEST_F(BadInputTest, Import_BadRows_AreListedAndNothingIsChanged) {
  const std::string body = R"({"csv":"code,name,kind\n469030103000,新镇,镇\nx,坏行,镇\n"})";
  const auto answer = Http("POST", "/v1/counties/469030/areas:import", body);
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("\"IMPORT_ROWS_REFUSED\""));
  EXPECT_EQ(Http("GET", "/v1/counties/469030/areas/469030103000").status, 404);
}

TEST_F(BadInputTest, Good_Order_IsTaken) {
  const auto answer = Http("POST", kTickets, kGood);
  EXPECT_EQ(answer.status, 200) << answer.body;
}

}  // namespace
}  // namespace baimi::integration
