// A suite whose county tells people: notices, ratings and urging stand in its policy, text messages
// are files in a directory.
#ifndef BAIMI_TESTS_INTEGRATION_TELLING_FIXTURE_H_
#define BAIMI_TESTS_INTEGRATION_TELLING_FIXTURE_H_

#include <string>
#include <vector>

#include "baimi/ticket/v1/citizen_service.grpc.pb.h"
#include "baimi/ticket/v1/desk_service.grpc.pb.h"
#include "baimi/ticket/v1/notice_service.grpc.pb.h"
#include "baimi/ticket/v1/rating_service.grpc.pb.h"
#include "baimi/ticket/v1/receipts.grpc.pb.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {

// The phone of LiftRequest.
inline constexpr char kPhone[] = "13800138000";

class TellingTest : public SuiteTest {
 protected:
  void SetUp() override;

  // Once the suite has its county.
  void CreatePolicy(const ticket::v1::TicketPolicy& policy);
  static ticket::v1::TicketPolicy TellingPolicy();

  // What the service does by itself every second or so.
  void MakeNotices();
  // Sends what is due; under faults again until nothing is left.
  void SendDue();
  // Lines of the message directory, by file name.
  std::vector<std::string> Messages();
  std::vector<ticket::v1::Notice> Inbox(const std::string& unit, const std::string& key);

  static ticket::v1::CitizenProof Proof(const ticket::v1::Ticket& ticket,
                                        const std::string& phone = kPhone);
  absl::StatusOr<ticket::v1::CitizenTicket> LookUp(const ticket::v1::CitizenProof& proof);
  absl::StatusOr<ticket::v1::CitizenTicket> Rate(const ticket::v1::Ticket& ticket,
                                                 ticket::v1::Rating rating);
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_TELLING_FIXTURE_H_
