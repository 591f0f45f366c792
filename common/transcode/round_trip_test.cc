// For random messages: reading what protobuf or we print gives the message back.
#include <random>

#include "absl/strings/str_cat.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/transcode/json_binder.h"
#include "common/transcode/transcoder.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace baimi::transcode {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Filler {
 public:
  explicit Filler(uint32_t seed) : random_(seed) {}

  void Fill(Message& message, int depth) {
    const std::string& name = message.GetDescriptor()->full_name();
    if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration") {
      message.GetReflection()->SetInt64(&message, message.GetDescriptor()->field(0),
                                        Below(1'000'000));
      message.GetReflection()->SetInt32(&message, message.GetDescriptor()->field(1),
                                        static_cast<int32_t>(Below(1'000'000'000)));
      return;
    }
    if (name == "google.protobuf.FieldMask") {
      message.GetReflection()->AddString(&message, message.GetDescriptor()->field(0), "a_b.c_d");
      return;
    }
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      FillField(message, *message.GetDescriptor()->field(i), depth);
    }
  }

 private:
  int64_t Below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random_); }
  template <typename T>
  T Any() {
    const int64_t kind = Below(4);
    return kind == 0   ? std::numeric_limits<T>::max()
           : kind == 1 ? std::numeric_limits<T>::min()
                       : static_cast<T>(Below(1000));
  }
  std::string Text() {
    constexpr const char* kPieces[] = {"a", "\"", "\\", "\n", "你", "😀", "\x7f", "</", "\x01", " "};
    std::string text;
    for (int64_t n = Below(6); n > 0; --n) {
      text += kPieces[Below(10)];
    }
    return text;
  }

  void FillField(Message& m, const FieldDescriptor& f, int depth) {
    const bool message = f.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const int64_t times = f.is_repeated() ? Below(3) : Below(2);
    if (message && depth == 0) {
      return;
    }
    for (int64_t i = 0; i < times; ++i) {
      if (message) {
        Fill(*(f.is_repeated() ? m.GetReflection()->AddMessage(&m, &f)
                               : m.GetReflection()->MutableMessage(&m, &f)),
             f.is_map() ? depth : depth - 1);
      } else {
        FillScalar(m, f);
      }
    }
  }

  void FillScalar(Message& m, const FieldDescriptor& f) {
    const Reflection& r = *m.GetReflection();
    const bool many = f.is_repeated();
    switch (f.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return many ? r.AddInt32(&m, &f, Any<int32_t>()) : r.SetInt32(&m, &f, Any<int32_t>());
      case FieldDescriptor::CPPTYPE_INT64:
        return r.SetInt64(&m, &f, Any<int64_t>());
      case FieldDescriptor::CPPTYPE_UINT32:
        return r.SetUInt32(&m, &f, Any<uint32_t>());
      case FieldDescriptor::CPPTYPE_UINT64:
        return r.SetUInt64(&m, &f, Any<uint64_t>());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return r.SetFloat(&m, &f, Any<float>());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return r.SetDouble(&m, &f, static_cast<double>(Below(1'000'000)) / 7);
      case FieldDescriptor::CPPTYPE_BOOL:
        return r.SetBool(&m, &f, Below(2) == 1);
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value =
            f.enum_type()->value(static_cast<int>(Below(f.enum_type()->value_count())));
        return many ? r.AddEnum(&m, &f, value) : r.SetEnum(&m, &f, value);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = f.type() == FieldDescriptor::TYPE_BYTES ? Text() + "\xFF" : Text();
        return many ? r.AddString(&m, &f, text) : r.SetString(&m, &f, text);
      }
      default:
        return;
    }
  }

  std::mt19937 random_;
};

TEST(RoundTrip, RandomMessages_SurviveJson) {
  const auto contract = Contract::FromGenerated("baimi.testing.");
  const auto transcoder = Transcoder::New(*contract);
  ASSERT_TRUE(transcoder.ok());
  const auto match = (*transcoder)->routes().Find("GET", "/v1/counties/1/dishes/2");
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool()));
  for (uint32_t seed = 0; seed < 500; ++seed) {
    testing::v1::Dish dish;
    Filler(seed).Fill(dish, 3);
    std::string theirs;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(dish, &theirs).ok());
    const auto ours = (*transcoder)->ResponseJson(*match->route, dish.SerializeAsString());
    ASSERT_TRUE(ours.ok());
    google::protobuf::util::JsonPrintOptions every_field;
    every_field.always_print_primitive_fields = true;
    std::string expected;
    ASSERT_TRUE(google::protobuf::util::BinaryToJsonString(
                    resolver.get(), "type.googleapis.com/baimi.testing.v1.Dish",
                    dish.SerializeAsString(), &expected, every_field)
                    .ok());
    // In another order: protobuf puts fields with presence last.
    ASSERT_EQ(nlohmann::json::parse(*ours), nlohmann::json::parse(expected)) << "seed " << seed;
    for (const std::string& json : {theirs, *ours}) {
      const auto wire = JsonToWire(*dish.GetDescriptor(), json, "", {}, {});
      ASSERT_TRUE(wire.ok()) << wire.status() << "\n" << json;
      testing::v1::Dish back;
      ASSERT_TRUE(back.ParseFromString(*wire));
      ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(dish, back))
          << "seed " << seed << "\n"
          << json;
    }
  }
}

}  // namespace
}  // namespace baimi::transcode
