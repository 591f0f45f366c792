#include "common/transcode/path_template.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/transcode/route_trie.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

std::string Describe(const PathTemplate& path) {
  std::string out = path.Shape();
  for (const PathVariable& v : path.variables) {
    absl::StrAppend(&out, " ", v.field_path, "=", v.begin, "-", v.end, path.IsMulti(v) ? "m" : "");
  }
  return out;
}

TEST(PathTemplate, ValidTemplates_Parse) {
  const std::pair<const char*, const char*> kCases[] = {
      {"/v1/tickets", "/v1/tickets"},
      {"/v1/*", "/v1/*"},
      {"/v1/**", "/v1/**"},
      {"/v1/{name}", "/v1/* name=1-2"},
      {"/v1/{name=*}", "/v1/* name=1-2"},
      {"/v1/{name=**}", "/v1/** name=1-2m"},
      {"/v1/{name=counties/*/tickets/*}", "/v1/counties/*/tickets/* name=1-5m"},
      {"/v1/{name=counties/*}:sign", "/v1/counties/*:sign name=1-3m"},
      {"/v1/{a.b_c.d=x/*}/y/{e}", "/v1/x/*/y/* a.b_c.d=1-3m e=4-5"},
      {"/v1/{parent=counties/*}/tickets:watch", "/v1/counties/*/tickets:watch parent=1-3m"},
      {"/v1/a%20b", "/v1/a b"},
      {"/v1/{n=lit}", "/v1/lit n=1-2"},
  };
  for (const auto& [text, want] : kCases) {
    const auto path = ParsePathTemplate(text);
    ASSERT_TRUE(path.ok()) << path.status();
    EXPECT_EQ(Describe(*path), want);
  }
}

TEST(PathTemplate, InvalidTemplates_AreRefused) {
  for (const char* text :
       {"",         "/",         "v1",        "//v1",         "/v1/",         "/v1//a",
        "/v1/{",    "/v1/{}",    "/v1/{a",    "/v1/{a=}",     "/v1/{a={b}}",  "/v1/{a}{b}",
        "/v1/a{b}", "/v1/{a}b",  "/v1/**/a",  "/v1/{a=**}/b", "/v1/{a=**/b}", "/v1/***",
        "/v1/a:",   "/v1/a:b:c", "/v1/a:b/c", "/v1/{a}/{a}",  "/v1/{1a}",     "/v1/{a.}",
        "/v1/{.a}", "/v1/a?b",   "/v1/a b",   "/v1/%zz",      "/v1/*a",       "/v1/{a-b}"}) {
    EXPECT_FALSE(ParsePathTemplate(text).ok()) << text;
  }
}

class RouteTrieTest : public testing::Test {
 protected:
  void Add(const std::string& method, const std::string& path) {
    ASSERT_TRUE(trie_.Add(*ParsePathTemplate(path), method, next_++).ok()) << path;
  }
  // "3 a|b" for a hit, else the reason and, for 405, what is allowed.
  std::string Find(const std::string& method, const std::string& path) const {
    const auto hit = trie_.Find(method, path);
    if (hit.ok()) {
      return absl::StrCat(hit->id, " ", absl::StrJoin(hit->values, "|"));
    }
    const auto info = ErrorInfoOf(hit.status());
    const auto allow = info->metadata().find("allow");
    return allow == info->metadata().end() ? info->reason()
                                           : absl::StrCat(info->reason(), " ", allow->second);
  }
  RouteTrie trie_;
  int next_ = 0;
};

TEST_F(RouteTrieTest, Find_FollowsPrecedenceVerbsAndMethods) {
  Add("GET", "/v1/{name=counties/*/tickets/*}");            // 0
  Add("POST", "/v1/{name=counties/*/tickets/*}:dispatch");  // 1
  Add("GET", "/v1/{parent=counties/*}/tickets");            // 2
  Add("POST", "/v1/{parent=counties/*}/tickets");           // 3
  Add("GET", "/v1/{parent=counties/*}/tickets:watch");      // 4
  Add("GET", "/v1/counties/{id}/tickets/latest");           // 5
  Add("GET", "/v1/{rest=files/**}");                        // 6
  Add("GET", "/v1/files/index");                            // 7
  Add("DELETE", "/v1/{name=counties/*/tickets/*}");         // 8
  Add("GET", "/v1/{path=tree/**}:size");                    // 9
  const struct {
    const char* method;
    const char* path;
    const char* want;
  } kCases[] = {
      {"GET", "/v1/counties/469030/tickets/7", "0 counties/469030/tickets/7"},
      {"HEAD", "/v1/counties/469030/tickets/7", "0 counties/469030/tickets/7"},
      {"POST", "/v1/counties/469030/tickets/7:dispatch", "1 counties/469030/tickets/7"},
      {"GET", "/v1/counties/469030/tickets", "2 counties/469030"},
      {"POST", "/v1/counties/469030/tickets", "3 counties/469030"},
      {"GET", "/v1/counties/469030/tickets:watch", "4 counties/469030"},
      {"GET", "/v1/counties/469030/tickets/latest", "5 469030"},
      // The literal has no DELETE, the wildcard does.
      {"DELETE", "/v1/counties/1/tickets/latest", "8 counties/1/tickets/latest"},
      {"GET", "/v1/files", "6 files"},
      {"GET", "/v1/files/index", "7 "},
      {"GET", "/v1/files/a/b/c", "6 files/a/b/c"},
      {"GET", "/v1/files/a%2Fb/c%20d", "6 files/a%2Fb/c d"},
      {"GET", "/v1/files//a", "6 files//a"},
      {"GET", "/v1/tree/a/b:size", "9 tree/a/b"},
      {"GET", "/v1/counties/4%36/tickets/%E4%BD%A0", "0 counties/46/tickets/你"},
      {"GET", "/v1/%63ounties/1/tickets", "2 counties/1"},
      {"GET", "/v1/counties/1/tickets/a%3Ab", "0 counties/1/tickets/a:b"},
      {"GET", "/v1/counties/a%2Fb/tickets/latest", "5 a/b"},
      {"GET", "/v1/counties/a%2fb/tickets/7", "0 counties/a%2fb/tickets/7"},
      {"PUT", "/v1/counties/1/tickets", "METHOD_NOT_ALLOWED GET, POST"},
      {"POST", "/v1/counties/1/tickets/latest", "METHOD_NOT_ALLOWED DELETE, GET"},
      {"GET", "/v1/counties/1/tickets/7:dispatch", "METHOD_NOT_ALLOWED POST"},
      {"OPTIONS", "/v1/counties/1/tickets:watch", "METHOD_NOT_ALLOWED GET"},
      {"POST", "/v1/counties/1/tickets/7:fly", "NO_SUCH_METHOD"},
      {"POST", "/v1/counties/1/tickets/7:", "NO_SUCH_METHOD"},
      {"GET", "/v1/counties/1", "NO_SUCH_METHOD"},
      {"GET", "/v1/counties//tickets", "NO_SUCH_METHOD"},
      {"GET", "/v1/counties/1/tickets/", "NO_SUCH_METHOD"},
      {"GET", "//v1/counties/1/tickets", "NO_SUCH_METHOD"},
      {"GET", "/V1/counties/1/tickets", "NO_SUCH_METHOD"},
      {"GET", "/", "NO_SUCH_METHOD"},
      {"GET", "", "NO_SUCH_METHOD"},
      {"GET", "*", "NO_SUCH_METHOD"},
      {"GET", "/v1/counties/%zz/tickets", "INVALID_FIELD"},
      {"GET", "/v1/counties/1/tickets/%", "INVALID_FIELD"},
      {"GET", "/v1/counties/1/tickets/%4", "INVALID_FIELD"},
      {"GET", "/v1/counties/1/tickets/%FF", "INVALID_FIELD"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Find(c.method, c.path), c.want) << c.method << " " << c.path;
  }
}

TEST_F(RouteTrieTest, Add_RefusesEqualShapes) {
  Add("GET", "/v1/{name=a/*}");
  EXPECT_EQ(trie_.Add(*ParsePathTemplate("/v1/a/{other}"), "GET", 9).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(trie_.Add(*ParsePathTemplate("/v1/a/{other}"), "PUT", 9).ok());
  EXPECT_TRUE(trie_.Add(*ParsePathTemplate("/v1/a/{other}:x"), "GET", 9).ok());
  EXPECT_TRUE(trie_.Add(*ParsePathTemplate("/v1/a/{other=**}"), "GET", 9).ok());
}

}  // namespace
}  // namespace baimi::transcode
