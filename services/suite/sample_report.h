// What a replayed day came to, for people.
#ifndef BAIMI_SERVICES_SUITE_SAMPLE_REPORT_H_
#define BAIMI_SERVICES_SUITE_SAMPLE_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "baimi/sample/v1/sample.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::suite {

// INTERNAL when an order of `day` is missing, or naming the first whose clocks still run.
absl::Status CheckDone(const sample::v1::SampleDay& day,
                       const std::vector<ticket::v1::Ticket>& orders);

// Lines of Chinese and English, aligned for a terminal.
std::string DescribeDay(const sample::v1::SampleDay& day,
                        const std::vector<ticket::v1::Ticket>& orders);

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SAMPLE_REPORT_H_
