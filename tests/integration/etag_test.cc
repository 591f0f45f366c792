// Etags over HTTP (AIP-154): ETag, If-Match, If-None-Match.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using http::testing::ClientResponse;
using testing::HasSubstr;

class EtagTest : public SuiteTest {
 protected:
  ClientResponse Ask(const std::string& method, const std::string& target, const std::string& body,
                     const std::vector<http::Header>& headers) {
    return Http(method, target, body, "admin", headers);
  }
};

TEST_F(EtagTest, Verb_WithTheEtagThatWasRead_HappensOnce) {
  const ticket::v1::Ticket ticket = File(LiftRequest(""));
  const std::string order = "/v1/" + ticket.name();
  const std::string etag(Ask("GET", order, "", {}).header("ETag"));
  ASSERT_EQ(etag, absl::StrCat("\"", ticket.etag(), "\""));
  const ClientResponse dispatched = Ask("POST", order + ":dispatch", "{}", {{"If-Match", etag}});
  EXPECT_EQ(dispatched.status, 200) << dispatched.body;
  const std::string next(dispatched.header("ETag"));
  EXPECT_NE(next, etag);
  const int64_t head = Head();
  const ClientResponse late = Ask("POST", order + ":sign", "{}", {{"If-Match", etag}});
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, HasSubstr("\"ETAG_MISMATCH\""));
  EXPECT_THAT(late.body, HasSubstr("\"ABORTED\""));
  EXPECT_EQ(Head(), head);
  EXPECT_EQ(Ask("POST", order + ":sign", "{}", {{"If-Match", next}}).status, 200);
}

TEST_F(EtagTest, Get_WithTheCurrentEtag_IsNotModified) {
  const ticket::v1::Ticket ticket = File(LiftRequest(""));
  const std::string order = "/v1/" + ticket.name();
  const std::string etag = absl::StrCat("\"", ticket.etag(), "\"");
  const ClientResponse same = Ask("GET", order, "", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  Advance(ticket);
  const ClientResponse changed = Ask("GET", order, "", {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.header("ETag"), etag);
}

TEST_F(EtagTest, Update_OfAResource_TakesIfMatchToo) {
  const std::string grid = absl::StrCat("/v1/", kGrid, "?updateMask=displayName");
  const std::string etag(Ask("GET", absl::StrCat("/v1/", kGrid), "", {}).header("ETag"));
  ASSERT_FALSE(etag.empty());
  const std::string body = R"({"displayName":"营北社区一号网格"})";
  const ClientResponse updated = Ask("PATCH", grid, body, {{"If-Match", etag}});
  EXPECT_EQ(updated.status, 200) << updated.body;
  EXPECT_NE(updated.header("ETag"), etag);
  const ClientResponse late = Ask("PATCH", grid, R"({"displayName":"另名"})", {{"If-Match", etag}});
  EXPECT_EQ(late.status, 409) << late.body;
}

TEST_F(EtagTest, Create_WithACondition_IsRefusedInsteadOfIgnored) {
  const int64_t head = Head();
  const ClientResponse answer =
      Ask("POST", "/v1/counties/469030/tickets", "{}", {{"If-None-Match", "*"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("\"field\":\"If-None-Match\""));
  EXPECT_EQ(Head(), head);
}

}  // namespace
}  // namespace baimi::integration
