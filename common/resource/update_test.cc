#include "common/resource/update.h"

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/resource/sample.pb.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

using google::protobuf::FieldMask;
using test::EqualsProto;

FieldMask Mask(std::initializer_list<const char*> paths) {
  FieldMask mask;
  for (const char* path : paths) {
    mask.add_paths(path);
  }
  return mask;
}

sample::Ticket Stored() {
  sample::Ticket ticket;
  ticket.set_name("counties/469030/tickets/1");
  ticket.set_title("旧");
  ticket.set_kind(sample::HELP);
  ticket.set_code("469030100001");
  ticket.set_state("OPEN");
  ticket.set_etag("v3");
  ticket.mutable_caller()->set_name("王芳");
  ticket.mutable_caller()->set_phone("13800138000");
  ticket.mutable_caller()->set_grid("g1");
  ticket.add_tags("a");
  ticket.add_tags("b");
  ticket.set_floor(3);
  ticket.set_address("老街");
  return ticket;
}

void ExpectUpdate(const sample::Ticket& update, const FieldMask& mask, const sample::Ticket& want) {
  sample::Ticket current = Stored();
  const absl::Status status = ApplyUpdate(update, mask, &current);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(current, EqualsProto(want));
}

TEST(ApplyUpdate, NoMask_ChangesWhatIsPopulated) {
  sample::Ticket update;
  update.set_name("counties/469030/tickets/1");
  update.set_etag("v3");
  update.set_title("新");
  update.set_state("CLOSED");
  update.set_code("469030100001");
  update.add_tags("c");
  update.mutable_caller()->set_name("李强");
  sample::Ticket want = Stored();
  want.set_title("新");
  want.clear_tags();
  want.add_tags("c");
  want.mutable_caller()->Clear();
  want.mutable_caller()->set_name("李强");
  ExpectUpdate(update, {}, want);
}

TEST(ApplyUpdate, NoMask_OtherImmutableValueIsRefused) {
  sample::Ticket update, current = Stored();
  update.set_title("新");
  update.set_code("469030100002");
  const absl::Status status = ApplyUpdate(update, {}, &current);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "code");
  EXPECT_THAT(current, EqualsProto(Stored()));
}

TEST(ApplyUpdate, Paths_ChangeExactlyThese) {
  sample::Ticket update;
  update.set_title("新");
  update.set_kind(sample::PRAISE);
  update.mutable_caller()->set_phone("13900139000");
  sample::Ticket want = Stored();
  want.set_title("新");
  want.mutable_caller()->set_phone("13900139000");
  want.clear_tags();
  want.clear_floor();
  ExpectUpdate(update, Mask({"title", "caller.phone", "tags", "floor"}), want);
}

TEST(ApplyUpdate, Path_SwitchesTheOneof) {
  sample::Ticket update;
  update.mutable_at()->set_name("王芳");
  sample::Ticket want = Stored();
  want.mutable_at()->set_name("王芳");
  ExpectUpdate(update, Mask({"at"}), want);
}

TEST(ApplyUpdate, Star_ReplacesAllButWhatTheServerOwns) {
  sample::Ticket update;
  update.set_title("新");
  update.set_code("469030100009");
  update.set_state("CLOSED");
  update.set_name("counties/469030/tickets/2");
  sample::Ticket want;
  want.set_title("新");
  want.set_name(Stored().name());
  want.set_code(Stored().code());
  want.set_state(Stored().state());
  want.set_etag(Stored().etag());
  ExpectUpdate(update, Mask({"*"}), want);
}

TEST(ApplyUpdate, BadPaths_AreRefusedAndNothingChanges) {
  sample::Ticket update;
  update.set_title("新");
  for (const char* path :
       {"", "titel", "state", "code", "name", "etag", "caller.grid", "caller.x", "title.x",
        "helpers.name", "by_role.a", "caller.", ".title", "*", "callerPhone"}) {
    sample::Ticket current = Stored();
    const absl::Status status = ApplyUpdate(update, Mask({"title", path}), &current);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    ASSERT_TRUE(BadRequestOf(status)) << path;
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "update_mask");
    EXPECT_THAT(current, EqualsProto(Stored())) << path;
  }
}

TEST(ApplyUpdate, OtherTypes_AreInternal) {
  sample::Ticket ticket;
  EXPECT_EQ(ApplyUpdate(sample::Caller(), {}, &ticket).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace baimi::resource
