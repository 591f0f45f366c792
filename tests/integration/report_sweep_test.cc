// What is complained of in a REPORT, and who complains, reaches the unit complained of by no method
// (domain.md §1.10, L2 32): every public method of the ticket service is called, those that will be
// added too, with a key of that unit which has every permission and sees the whole county.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "baimi/options/v1/options.pb.h"
#include "common/transcode/contract.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/integration/sample_request.h"
#include "tests/integration/suite_fixture.h"
#include "tests/integration/watch.h"

namespace baimi::integration {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using Stub = ticket::v1::TicketService::Stub;

constexpr char kSubject[] = "counties/469030/units/yinggen";
// Of the report alone; no request below holds one of them.
constexpr const char* kSecrets[] = {"欧阳隐", "13700001234", "匿名举报村务", "深埋的细节",
                                    "暗巷七号"};

// Every byte that a caller gets: the message, or the error with its details.
std::string AnswerOf(const grpc::Status& status, const grpc::ByteBuffer& response) {
  std::string all = absl::StrCat(status.error_message(), status.error_details());
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      all.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return all;
}

class ReportSweepTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    auto request = LiftRequest("");
    ticket::v1::Ticket& ticket = *request.mutable_ticket();
    ticket.set_type(ticket::v1::REPORT);
    ticket.set_subject_unit(kSubject);
    ticket.set_title(kSecrets[2]);
    ticket.set_description(kSecrets[3]);
    ticket.mutable_caller()->set_name(kSecrets[0]);
    ticket.mutable_caller()->set_phone(kSecrets[1]);
    ticket.mutable_place()->set_address(absl::StrCat("营根镇珉华小区", kSecrets[4]));
    report_ = Advance(Advance(File(request))).name();
    EXPECT_EQ(Get(report_).state(), ticket::v1::SIGNED);
    for (const char* verb : {":urge", ":tellCaller", ":requestExtension"}) {
      const std::string body =
          verb[1] == 't' ? R"({"matter": "TELL_REPLY", "how": "PHONE"})"
          : verb[1] == 'u'
              ? R"({"note": "请尽快"})"
              : R"({"reason": "等配件", "period": {"unit": "WORKING_DAYS", "amount": 1}})";
      Http("POST", absl::StrCat("/v1/", report_, verb), body);
    }
    Http(
        "POST", absl::StrCat("/v1/", kCounty, "/arbitrations"),
        absl::StrCat(R"({"arbitration": {"ticket": ")", report_, R"(", "question": "谁的职责"}})"));
    for (int i = 0; i < 100 && !suite().IndexSearch().ok(); ++i) {
    }
    stub_ = std::make_unique<grpc::GenericStub>(As("admin").channel());
  }

  std::string Call(const std::string& key, const MethodDescriptor& method, const Message& request,
                   grpc::StatusCode* code = nullptr) {
    grpc::ClientContext context;
    As(key).Prepare(&context);
    const std::string bytes = request.SerializeAsString();
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    std::string answer;
    stub_->UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()),
                     {}, &sent, &response, [&](const grpc::Status& status) {
                       answer = AnswerOf(status, response);
                       if (code != nullptr) {
                         *code = status.error_code();
                       }
                       done.Notify();
                     });
    done.WaitForNotification();
    return answer;
  }

  // Public methods that answer once, in the order of their names.
  std::vector<const MethodDescriptor*> Methods(bool reads_only) const {
    std::vector<const MethodDescriptor*> methods;
    for (const google::protobuf::ServiceDescriptor* service : contract_->services()) {
      for (int i = 0; i < service->method_count(); ++i) {
        const MethodDescriptor& method = *service->method(i);
        const auto& policy = method.options().GetExtension(options::v1::policy);
        if (policy.audience() == options::v1::PUBLIC && !method.client_streaming() &&
            !method.server_streaming() &&
            (!reads_only || policy.idempotency() == options::v1::READ)) {
          methods.push_back(&method);
        }
      }
    }
    return methods;
  }

  SampleRequestOptions Samples(bool optional_references) const {
    SampleRequestOptions options;
    options.resources = {{"counties/*", kCounty},
                         {"counties/*/tickets/*", report_},
                         {"counties/*/grids/*", kGrid},
                         {"counties/*/areas/*", "counties/469030/areas/469030100003"}};
    options.text = "举报电梯";
    options.optional_references = optional_references;
    return options;
  }

  const std::unique_ptr<const transcode::Contract> contract_ =
      transcode::Contract::FromGenerated("baimi.ticket.");
  std::string report_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

TEST_F(ReportSweepTest, NoMethod_TellsTheUnitComplainedOf) {
  int called = 0;
  for (const bool references : {false, true}) {
    for (const MethodDescriptor* method : Methods(/*reads_only=*/false)) {
      const auto request = SampleRequest(*method->input_type(), Samples(references));
      const std::string answer = Call("curious", *method, *request);
      for (const char* secret : kSecrets) {
        EXPECT_FALSE(absl::StrContains(answer, secret))
            << method->full_name() << " tells " << secret;
      }
      const std::string number = report_.substr(report_.rfind('/') + 1);
      if (!absl::StrContains(request->SerializeAsString(), number)) {
        EXPECT_FALSE(absl::StrContains(answer, number)) << method->full_name() << " names it";
      }
      ++called;
    }
  }
  EXPECT_GT(called, 200);
  // Whatever that key tried: the order is as it was.
  EXPECT_EQ(Get(report_).state(), ticket::v1::SIGNED);
}

// The sweep reaches what it is meant to reach: the same calls show the centre the report.
TEST_F(ReportSweepTest, SameCalls_TellTheCentre) {
  std::set<std::string> tell;
  std::set<std::string> refused;
  for (const MethodDescriptor* method : Methods(/*reads_only=*/true)) {
    for (const bool references : {false, true}) {
      grpc::StatusCode code = grpc::StatusCode::OK;
      const std::string answer =
          Call("admin", *method, *SampleRequest(*method->input_type(), Samples(references)), &code);
      for (const char* secret : kSecrets) {
        if (absl::StrContains(answer, secret)) {
          tell.insert(method->name());
        }
      }
      if (code == grpc::StatusCode::INVALID_ARGUMENT && !references) {
        refused.insert(method->name());
      }
    }
  }
  EXPECT_THAT(tell, testing::IsSupersetOf(
                        {"GetTicket", "ListTickets", "ListTicketEvents", "RevealContact"}));
  // These want more than their required fields.
  EXPECT_THAT(refused,
              testing::IsSubsetOf({"FindDuplicates", "IssueCitizenReceipt", "ListHelperTasks",
                                   "LookUpCitizenTicket", "QueryTickets"}));
}

TEST_F(ReportSweepTest, Watch_OfTheUnitComplainedOf_PassesTheReportBy) {
  Watch watch(As("curious"), "");
  ASSERT_TRUE(watch.Next().has_value());
  Http("POST", absl::StrCat("/v1/", report_, ":urge"), R"({"note": "再催"})");
  const std::string seen = File(LiftRequest("")).name();
  for (;;) {
    const ticket::v1::TicketEvent event = watch.NextEvent();
    ASSERT_NE(event.ticket(), report_);
    if (event.ticket() == seen) {
      break;
    }
  }
}

}  // namespace
}  // namespace baimi::integration
