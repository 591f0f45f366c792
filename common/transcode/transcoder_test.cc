#include "common/transcode/transcoder.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

using testing::v1::Dish;

class TranscoderTest : public ::testing::Test {
 protected:
  static const Transcoder& Get() {
    static const auto* const kContract = Contract::FromGenerated("baimi.testing.").release();
    static const auto* const kTranscoder = Transcoder::New(*kContract)->release();
    return *kTranscoder;
  }

  // The request as text, or "<code> <field>: <description>" of its first violation.
  static std::string Bind(const std::string& method, const std::string& path,
                          const std::string& query, const std::string& body,
                          const std::string& etag = "", const std::string& media_type = "") {
    const auto match = Get().routes().Find(method, path);
    if (!match.ok()) {
      return ReasonOf(match.status());
    }
    const auto wire = Get().BindRequest(*match, query, body, etag, media_type);
    if (!wire.ok()) {
      const auto bad = BadRequestOf(wire.status());
      EXPECT_TRUE(bad.has_value()) << wire.status();
      return bad ? absl::StrCat(bad->field_violations(0).field(), ": ",
                                bad->field_violations(0).description())
                 : wire.status().ToString();
    }
    const auto* type = match->route->descriptor->input_type();
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    EXPECT_TRUE(message->ParseFromString(*wire));
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    printer.PrintToString(*message, &text);
    while (!text.empty() && text.back() == ' ') {
      text.pop_back();
    }
    return text;
  }

  static std::string BindDish(const std::string& json) {
    return Bind("POST", "/v1/counties/1/dishes", "", json);
  }
};

struct BindCase {
  std::string method;
  std::string path;
  std::string query;
  std::string body;
  std::string want;
};

TEST_F(TranscoderTest, EveryBindingStyle_GivesTheRequest) {
  const BindCase kCases[] = {
      {"GET", "/v1/counties/1/dishes/2", "", "", R"(name: "counties/1/dishes/2")"},
      {"GET", "/v1/dishes/a%2Fb", "requestId=r+1", "", R"(name: "a/b" request_id: "r 1")"},
      {"GET", "/v1/manuals/a/b%2Fc", "", "", R"(name: "manuals/a/b%2Fc")"},
      {"DELETE", "/v1/counties/1/dishes/2", "request_id=%E4%BD%A0", "",
       R"(name: "counties/1/dishes/2" request_id: "你")"},
      {"POST", "/v1/counties/1/dishes", "requestId=x&validateOnly=true", R"({"chips":3})",
       R"(parent: "counties/1" dish { chips: 3 } request_id: "x" validate_only: true)"},
      {"POST", "/v1/counties/1/dishes", "", "", R"(parent: "counties/1")"},
      {"POST", "/v1/counties/1/dishes", "", "{}", R"(parent: "counties/1" dish { })"},
      {"PATCH", "/v1/counties/1/dishes/2", "updateMask=displayName,maker.name",
       R"({"displayName":"碗"})",
       R"(dish { name: "counties/1/dishes/2" display_name: "碗" } )"
       R"(update_mask { paths: "display_name" paths: "maker.name" })"},
      {"PATCH", "/v1/counties/1/dishes/2", "update_mask=display_name",
       R"({"name":"counties/1/dishes/2"})",
       R"(dish { name: "counties/1/dishes/2" } update_mask { paths: "display_name" })"},
      {"POST", "/v1/counties/1/dishes/2:wash", "", R"({"minutes":5,"etag":"v1"})",
       R"(name: "counties/1/dishes/2" minutes: 5 etag: "v1")"},
      {"POST", "/v1/counties/1/dishes/2:wash", "", R"({"name":"counties/1/dishes/2"})",
       R"(name: "counties/1/dishes/2")"},
      {"GET", "/v1/counties/1/dishes",
       "pageSize=20&glazes=GLAZE_CELADON&glazes=2&tags=a&tags=&maker.name=x&maker.teacher.born=-7&"
       "cleanOnly=true&drawer=3",
       "",
       R"(parent: "counties/1" page_size: 20 glazes: GLAZE_CELADON glazes: GLAZE_DEEP_BLUE )"
       R"(tags: "a" tags: "" maker { name: "x" teacher { born: -7 } } clean_only: true drawer: 3)"},
      {"GET", "/v1/counties/1/dishes:watch",
       "madeAfter=2026-11-22T08:00:00.5%2B08:00&maxAge=1.5s&readMask=a.b,cD&minStars=4&"
       "maxWeight=1e3&barcode=18446744073709551615",
       "",
       R"(parent: "counties/1" made_after { seconds: 1795305600 nanos: 500000000 } )"
       R"(max_age { seconds: 1 nanos: 500000000 } read_mask { paths: "a.b" paths: "c_d" } )"
       R"(min_stars { value: 4 } max_weight: 1000 barcode: 18446744073709551615)"},
  };
  for (const BindCase& c : kCases) {
    EXPECT_EQ(Bind(c.method, c.path, c.query, c.body), c.want) << c.path << " " << c.query;
  }
}

TEST_F(TranscoderTest, Etag_FillsTheRequestsField) {
  const std::string dish = "/v1/counties/1/dishes/2";
  EXPECT_EQ(Bind("POST", dish + ":wash", "", R"({"minutes":5})", "v3"),
            R"(name: "counties/1/dishes/2" minutes: 5 etag: "v3")");
  EXPECT_EQ(Bind("POST", dish + ":wash", "", R"({"etag":"v3"})", "v3"),
            R"(name: "counties/1/dishes/2" etag: "v3")");
  EXPECT_EQ(Bind("PATCH", dish, "", R"({"displayName":"碗"})", "v3"),
            R"(dish { name: "counties/1/dishes/2" display_name: "碗" etag: "v3" })");
  EXPECT_EQ(Bind("POST", dish + ":wash", "", R"({"etag":"v4"})", "v3"),
            "etag: got another value than in If-Match, want the same value, or none in the body");
  EXPECT_EQ(Bind("PATCH", dish, "", R"({"etag":"v4"})", "v3").substr(0, 10), "dish.etag:");
  // What a POST creates has no version to name.
  EXPECT_TRUE(Get().routes().Find("POST", "/v1/counties/1/dishes")->route->request_etag.empty());
}

TEST_F(TranscoderTest, ResponseEtag_IsThatOfWhatIsSent) {
  Dish dish;
  dish.set_etag("v7");
  const Route& get = *Get().routes().Find("GET", "/v1/counties/1/dishes/2")->route;
  EXPECT_EQ(Transcoder::ResponseEtag(get, dish.SerializeAsString()), "v7");
  EXPECT_EQ(Transcoder::ResponseEtag(get, ""), "");
  // Only `dish` is sent.
  testing::v1::WashDishResponse washed;
  *washed.mutable_dish() = dish;
  const Route& wash = *Get().routes().Find("POST", "/v1/counties/1/dishes/2:wash")->route;
  EXPECT_EQ(Transcoder::ResponseEtag(wash, washed.SerializeAsString()), "v7");
  const Route& list = *Get().routes().Find("GET", "/v1/counties/1/dishes")->route;
  EXPECT_EQ(Transcoder::ResponseEtag(list, "x"), "");
}

TEST_F(TranscoderTest, BadBindings_NameTheField) {
  const BindCase kCases[] = {
      {"GET", "/v1/counties/1/dishes", "nope=1", "", "nope: got an unknown query parameter"},
      {"GET", "/v1/counties/1/dishes", "maker=1", "", "maker: got a query parameter"},
      {"GET", "/v1/counties/1/dishes", "makers=1", "", "makers: got a query parameter"},
      {"GET", "/v1/counties/1/dishes", "labels=1", "", "labels: got a query parameter"},
      {"GET", "/v1/counties/1/dishes", "makers.name=1", "", "makers.name: got an unknown query"},
      {"GET", "/v1/counties/1/dishes", "page_size.x=1", "", "page_size.x: got an unknown query"},
      {"GET", "/v1/counties/1/dishes", "parent=counties/1", "", "parent: got a query parameter"},
      {"GET", "/v1/counties/1/dishes", "pageSize=1&page_size=1", "",
       "page_size: got the parameter again"},
      {"GET", "/v1/counties/1/dishes", "room=a&drawer=1", "",
       "drawer: got a second member of where"},
      {"GET", "/v1/counties/1/dishes", "pageSize=", "", "page_size: got \"\", want an integer"},
      {"GET", "/v1/counties/1/dishes", "pageSize=+1", "", "page_size: got \" 1\""},
      {"GET", "/v1/counties/1/dishes", "pageSize=1.0", "", "page_size: got \"1.0\""},
      {"GET", "/v1/counties/1/dishes", "pageSize=2147483648", "", "page_size: got \"2147483648\""},
      {"GET", "/v1/counties/1/dishes", "barcode=-1", "", "barcode: got \"-1\""},
      {"GET", "/v1/counties/1/dishes", "cleanOnly=1", "", "clean_only: got \"1\", want true or"},
      {"GET", "/v1/counties/1/dishes", "glazes=CRACKED", "",
       "glazes: got \"CRACKED\", want one of GLAZE_UNSPECIFIED, GLAZE_CELADON, GLAZE_DEEP_BLUE"},
      {"GET", "/v1/counties/1/dishes", "glazes=9", "", "glazes: got \"9\""},
      {"GET", "/v1/counties/1/dishes", "madeAfter=2026", "", "made_after: got \"2026\""},
      {"GET", "/v1/counties/1/dishes", "maxAge=5", "", "max_age: got \"5\", want a duration"},
      {"GET", "/v1/counties/1/dishes", "maxWeight=0x1p3", "", "max_weight: got \"0x1p3\""},
      {"GET", "/v1/counties/1/dishes", "maxWeight=inf", "", "max_weight: got \"inf\""},
      {"GET", "/v1/counties/1/dishes", "maxWeight=1e999", "", "max_weight: got \"1e999\""},
      {"GET", "/v1/counties/1/dishes", "a%", "", "query: got \"%\""},
      {"GET", "/v1/counties/1/dishes", "tags=%FF", "", "tags: got \"\\xff\", want percent"},
      {"GET", "/v1/counties/1/dishes", "", "{}", "body: got 2 bytes, want no body with GET"},
      {"POST", "/v1/counties/1/dishes", "dish.chips=1", "{}", "dish.chips: got a query parameter"},
      {"POST", "/v1/counties/1/dishes/2:wash", "minutes=1", "{}", "minutes: got an unknown query"},
      {"POST", "/v1/counties/1/dishes/2:wash", "", R"({"name":"x"})",
       "name: got another value than in the path"},
      {"PATCH", "/v1/counties/1/dishes/2", "", R"({"name":"counties/1/dishes/3"})",
       "dish.name: got another value than in the path"},
      {"POST", "/v1/counties/1/dishes/2:polish", "", "{}", "NO_SUCH_METHOD"},
  };
  for (const BindCase& c : kCases) {
    const std::string got = Bind(c.method, c.path, c.query, c.body);
    EXPECT_TRUE(absl::StartsWith(got, c.want)) << c.query << c.body << " gave " << got;
  }
}

TEST_F(TranscoderTest, JsonValues_AreReadByType) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"serial":"-9223372036854775808"})", "serial: -9223372036854775808"},
      {R"({"serial":12})", "serial: 12"},
      {R"({"serial":1e3})", "serial: 1000"},
      {R"({"chips":2.0})", "chips: 2"},
      {R"({"barcode":"18446744073709551615"})", "barcode: 18446744073709551615"},
      {R"({"offset":-5,"drift":"-6"})", "offset: -5 drift: -6"},
      {R"({"color":4294967295,"hash":"1","tilt":-1,"lean":-2})",
       "color: 4294967295 hash: 1 tilt: -1 lean: -2"},
      {R"({"weight":1.5,"volume":-2e-3})", "weight: 1.5 volume: -0.002"},
      {R"({"volume":"NaN"})", "volume: nan"},
      {R"({"weight":"-Infinity"})", "weight: -inf"},
      {R"({"clean":true})", "clean: true"},
      {R"({"photo":"aGk="})", "photo: \"hi\""},
      {R"({"photo":"_-8"})", "photo: \"\\377\\357\""},
      {R"({"glaze":"GLAZE_CELADON"})", "glaze: GLAZE_CELADON"},
      {R"({"glaze":2})", "glaze: GLAZE_DEEP_BLUE"},
      {R"({"stars":0})", "stars: 0"},
      {R"({"stars":null,"tags":null,"maker":null,"price":null})", ""},
      {R"({"tags":["a","b"],"sizes":[1,"2"],"oldGlazes":["GLAZE_CELADON",2]})",
       R"(tags: "a" tags: "b" sizes: 1 sizes: 2 old_glazes: GLAZE_CELADON old_glazes: GLAZE_DEEP_BLUE)"},
      {R"({"maker":{"teacher":{"name":"a","born":1}}})",
       R"(maker { teacher { name: "a" born: 1 } })"},
      {R"({"restorers":[{"born":1},{}]})", "restorers { born: 1 } restorers { }"},
      {R"({"labels":{"k":"v"},"owners":{"7":{"born":1}}})",
       R"(labels { key: "k" value: "v" } owners { key: 7 value { born: 1 } })"},
      {R"({"drawer":3})", "drawer: 3"},
      {R"({"createTime":"1970-01-01T00:00:01Z","baking":"-1.25s","touched":"a,bC.d"})",
       R"(create_time { seconds: 1 } baking { seconds: -1 nanos: -250000000 } touched { paths: "a" paths: "b_c.d" })"},
      {R"({"price":"5","note":"n","sold":false})",
       R"(price { value: 5 } note { value: "n" } sold { })"},
      {R"({"display_name":"snake","displayName2":1})", "X"},
      {R"({"nested":[{"nested":[{"chips":1}]}]})", "nested { nested { chips: 1 } }"},
  };
  for (const auto& [json, want] : kCases) {
    const std::string got = BindDish(json);
    if (std::string(want) == "X") {
      EXPECT_TRUE(absl::StartsWith(got, "dish.displayName2: got an unknown field")) << got;
      continue;
    }
    const std::string inside = *want == '\0' ? "" : absl::StrCat(want, " ");
    EXPECT_EQ(got, absl::StrCat("parent: \"counties/1\" dish { ", inside, "}")) << json;
  }
}

TEST_F(TranscoderTest, WrongJson_NamesFieldGotAndWant) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"([])", "dish: got an array, want an object"},
      {R"("x")", "dish: got a string, want an object"},
      {R"(null)", "dish: got null, want an object"},
      {R"({"nope":1})", "dish.nope: got an unknown field, want a field of baimi.testing.v1.Dish"},
      {R"({"maker":{"nope":1}})", "dish.maker.nope: got an unknown field"},
      {R"({"restorers":[{},{"nope":1}]})", "dish.restorers[1].nope: got an unknown field"},
      {R"({"chips":"abc"})", "dish.chips: got \"abc\", want an integer in -2147483648..2147483647"},
      {R"({"chips":1.5})", "dish.chips: got 1.5, want an integer"},
      {R"({"chips":99999999999})", "dish.chips: got 99999999999, want an integer"},
      {R"({"chips":true})", "dish.chips: got true, want an integer"},
      {R"({"chips":{}})", "dish.chips: got an object, want an integer"},
      {R"({"chips":[1]})", "dish.chips: got an array, want an integer"},
      {R"({"shelf":-1})", "dish.shelf: got -1, want an integer in 0..4294967295"},
      {R"({"serial":9223372036854775808})", "dish.serial: got 9223372036854775808"},
      {R"({"displayName":5})", "dish.display_name: got 5, want a string"},
      {R"({"clean":"true"})", "dish.clean: got \"true\", want true or false"},
      {R"({"clean":0})", "dish.clean: got 0, want true or false"},
      {R"({"weight":1e39})", "dish.weight: got 1e39, want a number"},
      {R"({"weight":"1_0"})", "dish.weight: got \"1_0\", want a number"},
      {R"({"photo":"!!"})", "dish.photo: got \"!!\", want a base64 string"},
      {R"({"glaze":"RED"})", "dish.glaze: got \"RED\", want one of GLAZE_UNSPECIFIED"},
      {R"({"glaze":7})", "dish.glaze: got 7"},
      {R"({"glaze":true})", "dish.glaze: got true"},
      {R"({"tags":"a"})", "dish.tags: got a string, want an array"},
      {R"({"tags":{}})", "dish.tags: got an object, want an array"},
      {R"({"tags":[["a"],["b"]]})", "dish.tags[0]: got an array, want a string"},
      {R"({"tags":["a",null]})", "dish.tags[1]: got null, want a string"},
      {R"({"tags":["a",{}]})", "dish.tags[1]: got an object, want a string"},
      {R"({"restorers":{"name":"x"}})", "dish.restorers: got an object, want an array"},
      {R"({"restorers":[1]})", "dish.restorers[0]: got a number, want an object"},
      {R"({"maker":"x"})", "dish.maker: got a string, want an object"},
      {R"({"maker":[]})", "dish.maker: got an array, want an object"},
      {R"({"labels":[]})", "dish.labels: got an array, want an object"},
      {R"({"labels":{"k":1}})", "dish.labels[\"k\"]: got 1, want a string"},
      {R"({"labels":{"k":null}})", "dish.labels[\"k\"]: got null"},
      {R"({"labels":{"k":{}}})", "dish.labels[\"k\"]: got an object, want a string"},
      {R"({"labels":{"k":[]}})", "dish.labels[\"k\"]: got an array, want a string"},
      {R"({"owners":{"x":{}}})", "dish.owners[\"x\"]: got \"x\", want an integer"},
      {R"({"owners":{"1":{"born":"x"}}})", "dish.owners[\"1\"].born: got \"x\""},
      {R"({"room":"a","drawer":1})", "dish.drawer: got a second member of place"},
      {R"({"displayName":"a","display_name":"b"})", "dish.display_name: got the field again"},
      {R"({"createTime":"yesterday"})", "dish.create_time: got \"yesterday\", want a time such"},
      {R"({"createTime":5})", "dish.create_time: got 5, want a time such"},
      {R"({"createTime":{}})", "dish.create_time: got an object, want a time such"},
      {R"({"baking":"5"})", "dish.baking: got \"5\", want a duration"},
      {R"({"price":"x"})", "dish.price: got \"x\", want an integer"},
      {R"({"price":{"value":1}})", "dish.price: got an object, want an integer"},
      {R"({"ownerPhone":13800000000})", "dish.owner_phone: got (personal data, withheld), want a"},
      {R"({"chips":1,})", "body: got '}' at line 1, column 12 (byte 11), want a key"},
  };
  for (const auto& [json, want] : kCases) {
    const std::string got = BindDish(json);
    EXPECT_TRUE(absl::StartsWith(got, want)) << json << " gave " << got;
  }
}

TEST_F(TranscoderTest, Response_PrintsDefaultsNamesAndLongs) {
  const auto route = Get().routes().Find("GET", "/v1/counties/1/dishes/2");
  testing::v1::Dish dish;
  dish.set_display_name("碗");
  dish.set_glaze(testing::v1::GLAZE_CELADON);
  dish.set_serial(1);
  dish.mutable_maker()->set_born(3);
  dish.set_photo("hi");
  const auto json = Get().ResponseJson(*route->route, dish.SerializeAsString());
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(*json,
            R"({"name":"","displayName":"碗","glaze":"GLAZE_CELADON","chips":0,"serial":"1",)"
            R"("shelf":0,"barcode":"0","offset":0,"drift":"0","color":0,"hash":"0","tilt":0,)"
            R"("lean":"0","weight":0,"volume":0,"clean":false,"photo":"aGk=","tags":[],)"
            R"("sizes":[],"oldGlazes":[],"maker":{"name":"","born":3},"restorers":[],)"
            R"("labels":{},"owners":{},"ownerPhone":"","nested":[],"etag":""})");
}

TEST_F(TranscoderTest, ResponseBody_IsTheFieldAlone) {
  const auto route = Get().routes().Find("POST", "/v1/counties/1/dishes/2:wash");
  testing::v1::WashDishResponse response;
  response.mutable_dish()->mutable_maker()->set_name("陶");
  response.set_advice("not sent");
  const auto json = Get().ResponseJson(*route->route, response.SerializeAsString());
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE(absl::StartsWith(*json, R"({"name":"")")) << *json;
  EXPECT_TRUE(absl::StrContains(*json, R"("maker":{"name":"陶","born":0})"));
  EXPECT_FALSE(absl::StrContains(*json, "not sent"));
  EXPECT_EQ(Get().ResponseJson(*route->route, "\xFF").status().code(), absl::StatusCode::kInternal);
}

TEST_F(TranscoderTest, Routes_CarryPolicyAndStreaming) {
  const auto watch = Get().routes().Find("GET", "/v1/counties/1/dishes:watch");
  ASSERT_TRUE(watch.ok());
  EXPECT_TRUE(watch->route->server_streaming);
  EXPECT_EQ(watch->route->method, "/baimi.testing.v1.KitchenService/WatchDishes");
  EXPECT_EQ(watch->route->policy.permission(), "dish.watch");
  for (const auto& route : Get().routes().routes()) {
    EXPECT_NE(route->policy.permission(), "dish.polish");
  }
}

TEST_F(TranscoderTest, Upload_FirstMessageIsPathQueryAndMediaType) {
  const auto bind = [](const std::string& query, const std::string& media_type) {
    return Bind("POST", "/v1/counties/1/dishes/2:uploadPhoto", query, "", "", media_type);
  };
  EXPECT_EQ(
      bind("caption=%E7%A2%97&requestId=r1", "image/jpeg"),
      R"(name: "counties/1/dishes/2" media_type: "image/jpeg" caption: "碗" request_id: "r1")");
  EXPECT_EQ(bind("mediaType=image/png", ""),
            R"(name: "counties/1/dishes/2" media_type: "image/png")");
  EXPECT_EQ(bind("mediaType=image/png", "image/jpeg"),
            "media_type: got a query parameter, want nothing: Content-Type sets it");
  EXPECT_EQ(bind("content=aGk", ""),
            "content: got a query parameter, want nothing: the body sets it");
  EXPECT_EQ(Bind("POST", "/v1/counties/1/dishes/2:wash", "", "{}", "", "image/jpeg"),
            R"(name: "counties/1/dishes/2")")
      << "a route that has no use for it";
}

TEST_F(TranscoderTest, ContentWire_IsAMessageWithThePart) {
  const auto match = Get().routes().Find("POST", "/v1/counties/1/dishes/2:uploadPhoto");
  const std::string part("\0\xFF\n", 3);
  testing::v1::UploadPhotoRequest message;
  ASSERT_TRUE(message.ParseFromString(Transcoder::ContentWire(*match->route, part)));
  EXPECT_EQ(message.content(), part);
  EXPECT_EQ(message.ByteSizeLong(), 5U) << "and nothing else";
}

}  // namespace
}  // namespace baimi::transcode
