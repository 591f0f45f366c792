#include "common/transcode/message_printer.h"

#include <limits>

#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/transcode/special_json.h"
#include "common/transcode/wire.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

using testing::v1::Dish;

std::string Ours(absl::string_view wire) {
  MessagePrinter printer;
  EXPECT_TRUE(printer.Add(Dish::descriptor()));
  std::string json;
  return printer.Print(Dish::descriptor(), wire, &json) ? json : "refused";
}

std::string Theirs(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

TEST(MessagePrinter, Numbers_AreWrittenAsProtobufWritesThem) {
  Dish dish;
  EXPECT_EQ(Ours(""), Theirs(dish));
  for (const double value :
       {0.0, -0.0, 1.0, 0.1, 1e300, -2.5e-10, 123456789.125,
        std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    dish.set_volume(value);
    dish.set_weight(static_cast<float>(value));
    EXPECT_EQ(Ours(dish.SerializeAsString()), Theirs(dish)) << value;
  }
  for (const int64_t value : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max()}) {
    dish.set_chips(static_cast<int32_t>(value));
    dish.set_serial(value);
    dish.set_shelf(static_cast<uint32_t>(value));
    dish.set_barcode(static_cast<uint64_t>(value));
    dish.set_offset(static_cast<int32_t>(value));
    dish.set_drift(value);
    dish.set_color(static_cast<uint32_t>(value));
    dish.set_hash(static_cast<uint64_t>(value));
    dish.set_tilt(static_cast<int32_t>(value));
    dish.set_lean(value);
    EXPECT_EQ(Ours(dish.SerializeAsString()), Theirs(dish)) << value;
  }
}

TEST(MessagePrinter, Strings_AreEscapedAsProtobufEscapesThem) {
  Dish dish;
  dish.set_display_name("\" \\ \b\f\n\r\t \x01 \x1f \x7f <b>&'/ 百米 \U0001F600 \u2028\u2029");
  EXPECT_EQ(Ours(dish.SerializeAsString()), Theirs(dish));
}

TEST(MessagePrinter, MessageInPieces_IsMerged) {
  std::string wire;
  Dish first;
  first.mutable_maker()->set_name("陶");
  first.set_name("a");
  Dish second;
  second.mutable_maker()->set_born(3);
  second.set_name("b");
  Dish whole = first;
  whole.MergeFrom(second);
  EXPECT_EQ(Ours(first.SerializeAsString() + second.SerializeAsString()), Theirs(whole));
}

TEST(MessagePrinter, UnknownFieldsAndWireTypes_AreLeftOut) {
  std::string wire;
  AppendBytes(900, "later", wire);
  AppendTag(1, WireType::kVarint, wire);  // `name` is a string.
  AppendVarint(7, wire);
  EXPECT_EQ(Ours(wire), Ours(""));
}

TEST(MessagePrinter, BrokenBytes_AreRefused) {
  Dish dish;
  dish.set_display_name("碗");
  const std::string wire = dish.SerializeAsString();
  EXPECT_EQ(Ours(wire.substr(0, wire.size() - 1)), "refused");
  EXPECT_EQ(Ours("\xFF"), "refused");
  EXPECT_EQ(Ours(std::string("\0", 1)), "refused");
}

TEST(MessagePrinter, DeepNesting_IsRefused) {
  const auto nested = [](int depth) {
    Dish dish;
    for (int i = 0; i < depth; ++i) {
      Dish outer;
      *outer.add_nested() = std::move(dish);
      dish = std::move(outer);
    }
    return dish.SerializeAsString();
  };
  EXPECT_NE(Ours(nested(90)), "refused");
  EXPECT_EQ(Ours(nested(110)), "refused");
}

TEST(MessagePrinter, TypesOfNoFixedShape_AreNotTaken) {
  MessagePrinter printer;
  EXPECT_FALSE(printer.Add(google::protobuf::Struct::descriptor()));
  EXPECT_FALSE(printer.Add(google::protobuf::Timestamp::descriptor()));
}

template <typename Message>
std::string Special(bool (*append)(absl::string_view, std::string*), int64_t seconds, int nanos) {
  Message message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  std::string json;
  return append(message.SerializeAsString(), &json) ? json : "refused";
}

TEST(SpecialJson, Timestamps) {
  const auto print = [](int64_t seconds, int nanos) {
    return Special<google::protobuf::Timestamp>(&AppendTimestampJson, seconds, nanos);
  };
  EXPECT_EQ(print(0, 0), "\"1970-01-01T00:00:00Z\"");
  EXPECT_EQ(print(1781049600, 500'000'000), "\"2026-06-10T00:00:00.500Z\"");
  EXPECT_EQ(print(1781049600, 5'000), "\"2026-06-10T00:00:00.000005Z\"");
  EXPECT_EQ(print(1781049600, 5), "\"2026-06-10T00:00:00.000000005Z\"");
  EXPECT_EQ(print(-1, 999'000'000), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(print(-62135596800, 0), "\"0001-01-01T00:00:00Z\"");
  EXPECT_EQ(print(253402300799, 0), "\"9999-12-31T23:59:59Z\"");
  EXPECT_EQ(print(253402300800, 0), "refused");
  EXPECT_EQ(print(-62135596801, 0), "refused");
  EXPECT_EQ(print(0, -1), "refused");
  EXPECT_EQ(print(0, 1'000'000'000), "refused");
}

TEST(SpecialJson, Durations) {
  const auto print = [](int64_t seconds, int nanos) {
    return Special<google::protobuf::Duration>(&AppendDurationJson, seconds, nanos);
  };
  EXPECT_EQ(print(0, 0), "\"0s\"");
  EXPECT_EQ(print(3, 250'000'000), "\"3.250s\"");
  EXPECT_EQ(print(-3, -250'000'000), "\"-3.250s\"");
  EXPECT_EQ(print(0, -1'000), "\"-0.000001s\"");
  EXPECT_EQ(print(315'576'000'000, 0), "\"315576000000s\"");
  EXPECT_EQ(print(315'576'000'001, 0), "refused");
  EXPECT_EQ(print(1, -1), "refused");
}

TEST(SpecialJson, FieldMasks) {
  google::protobuf::FieldMask mask;
  mask.add_paths("display_name");
  mask.add_paths("maker.born_in_year");
  std::string json;
  EXPECT_TRUE(AppendFieldMaskJson(mask.SerializeAsString(), &json));
  EXPECT_EQ(json, "\"displayName,maker.bornInYear\"");
}

}  // namespace
}  // namespace baimi::transcode
