#include "services/ticket/store/search_query.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

// Orders that one page looks at.
constexpr int kLookAt = 1000;
// Of which relevance is weighed.
constexpr int kWeighed = 500;
constexpr int kRadiusMetres = 1000;
// The first ring of cells; each further one reaches twice as far.
constexpr double kFirstRing = 250;
constexpr int kAlike = 200;
constexpr int kOfCaller = 50;

v1::ListTicketsRequest FilterOf(const v1::QueryTicketsRequest& request) {
  v1::ListTicketsRequest filter;
  *filter.mutable_states() = request.states();
  filter.set_type(request.type());
  filter.set_channel(request.channel());
  filter.set_category(request.category());
  filter.set_lead(request.lead());
  filter.set_grid(request.grid());
  filter.set_subtree(request.subtree());
  if (request.has_filed_from()) {
    *filter.mutable_filed_from() = request.filed_from();
  }
  if (request.has_filed_before()) {
    *filter.mutable_filed_before() = request.filed_before();
  }
  if (request.has_due_before()) {
    *filter.mutable_due_before() = request.due_before();
  }
  return filter;
}

std::string FirstNumberOf(absl::Time time) {
  return absl::StrCat(absl::FormatTime("%Y%m%d", time, ShanghaiZone()), "-000000");
}

NumberRange RangeOf(const v1::QueryTicketsRequest& request) {
  NumberRange range;
  if (request.has_filed_from()) {
    range.from = FirstNumberOf(domain::FromProto(request.filed_from()));
  }
  if (request.has_filed_before()) {
    range.below = FirstNumberOf(domain::FromProto(request.filed_before()) + absl::Hours(24));
  }
  return range;
}

bool IsHidden(const v1::Ticket& ticket, const Viewer& viewer) {
  return domain::IsRecused(ticket, viewer.unit);
}

// One page in the making.
class Pager {
 public:
  Pager(sql::Reader& reader, absl::string_view county, const TicketStore& store,
        const SearchIndex& index, const v1::QueryTicketsRequest& request, const Viewer& viewer,
        int limit)
      : reader_(reader),
        county_(county),
        store_(store),
        index_(index),
        request_(request),
        viewer_(viewer),
        filter_(FilterOf(request)),
        words_(index.WordsOf(request.text())),
        limit_(static_cast<size_t>(limit)) {}

  bool HasWords() const { return !words_.empty(); }

  absl::StatusOr<SearchPage> Newest(const std::vector<std::string>& after) {
    NumberRange range = RangeOf(request_);
    if (!after.empty()) {
      range.below = after[0];
    }
    for (int chunk = static_cast<int>(limit_) + 1;; chunk = std::min(2 * chunk, Left())) {
      BAIMI_ASSIGN_OR_RETURN(const std::vector<Indexed> found,
                             index_.WithWords(reader_, county_, words_, range, chunk));
      BAIMI_RETURN_IF_ERROR(
          Take(found, [](const std::string& number) { return std::vector<std::string>{number}; }));
      if (Full()) {
        return std::move(page_);
      }
      if (found.size() < static_cast<size_t>(chunk)) {
        return End();
      }
      range.below = found.back().number;
      if (Left() <= 0) {
        return Stop({range.below});
      }
    }
  }

  absl::StatusOr<SearchPage> Relevant(const std::vector<std::string>& after) {
    // What is filed meanwhile must not shift the pages: they all weigh what the first one did.
    std::string top;
    if (after.empty()) {
      BAIMI_ASSIGN_OR_RETURN(top, index_.NewestIndexed(reader_, county_));
      if (top.empty()) {
        return End();
      }
      BAIMI_ASSIGN_OR_RETURN(const int64_t id, SearchId(county_, top));
      top = NumberOfSearchId(id + 1);
    } else {
      top = after[0];
    }
    NumberRange range = RangeOf(request_);
    range.below = range.below.empty() ? top : std::min(top, range.below);
    BAIMI_ASSIGN_OR_RETURN(std::vector<Indexed> found,
                           index_.WithWords(reader_, county_, words_, range, kWeighed));
    std::stable_sort(found.begin(), found.end(),
                     [](const Indexed& a, const Indexed& b) { return a.words < b.words; });
    if (!after.empty()) {
      int words = 0;
      BAIMI_RETURN_IF_ERROR(Number(after[1], &words));
      const auto is_before = [&](const Indexed& order) {
        return order.words < words || (order.words == words && order.number >= after[2]);
      };
      found.erase(found.begin(), std::find_if_not(found.begin(), found.end(), is_before));
    }
    for (size_t from = 0; from < found.size() && !Full(); from += limit_ + 1) {
      const size_t to = std::min(found.size(), from + limit_ + 1);
      std::vector<Indexed> some(found.begin() + static_cast<long>(from),
                                found.begin() + static_cast<long>(to));
      BAIMI_RETURN_IF_ERROR(Take(some, [&](const std::string& number) {
        const auto order = std::find_if(some.begin(), some.end(),
                                        [&](const Indexed& one) { return one.number == number; });
        return std::vector<std::string>{top, absl::StrCat(order->words), number};
      }));
    }
    return Full() ? std::move(page_) : End();
  }

  absl::StatusOr<SearchPage> Nearest(const std::vector<std::string>& after) {
    const double radius = request_.radius() == 0 ? kRadiusMetres : request_.radius();
    std::pair<int64_t, int64_t> begin(-1, -1);
    if (!after.empty()) {
      BAIMI_RETURN_IF_ERROR(Number(after[0], &begin.first));
      BAIMI_RETURN_IF_ERROR(Number(after[1], &begin.second));
    }
    double inner = -1;
    for (double ring = std::min(kFirstRing, radius);; ring = std::min(2 * ring, radius)) {
      if (static_cast<double>(begin.first) <= ring) {
        BAIMI_ASSIGN_OR_RETURN(const auto cells, Ring(inner, ring));
        for (const auto& cell : cells) {
          if (cell < begin) {
            continue;
          }
          NumberRange range = RangeOf(request_);
          if (cell == begin && (range.below.empty() || after[2] < range.below)) {
            range.below = after[2];
          }
          BAIMI_ASSIGN_OR_RETURN(const bool done, InCell(cell, range));
          if (done) {
            return std::move(page_);
          }
        }
      }
      if (ring >= radius) {
        return End();
      }
      inner = ring;
    }
  }

 private:
  template <typename T>
  static absl::Status Number(const std::string& text, T* number) {
    return absl::SimpleAtoi(text, number) ? absl::OkStatus()
                                          : Internal("page token: a number that is none");
  }

  // Cells with orders, by their distance in metres, which is more than `inner` and at most `outer`.
  absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> Ring(double inner, double outer) {
    BAIMI_ASSIGN_OR_RETURN(
        const std::vector<int64_t> used,
        index_.CellsInUse(reader_, county_, domain::CellsAround(request_.near(), outer)));
    std::vector<std::pair<int64_t, int64_t>> cells;
    for (const int64_t cell : used) {
      const int64_t metres = domain::MetresToCell(request_.near(), cell);
      if (static_cast<double>(metres) > inner && static_cast<double>(metres) <= outer) {
        cells.emplace_back(metres, cell);
      }
    }
    std::sort(cells.begin(), cells.end());
    return cells;
  }

  // True when the page is done.
  absl::StatusOr<bool> InCell(const std::pair<int64_t, int64_t>& cell, NumberRange range) {
    const auto key = [&](const std::string& number) {
      return std::vector<std::string>{absl::StrCat(cell.first), absl::StrCat(cell.second), number};
    };
    for (;;) {
      const int chunk = std::min(static_cast<int>(limit_) + 1, Left());
      if (chunk <= 0) {
        page_.next = key(range.below.empty() ? kAboveAll : range.below);
        return true;
      }
      BAIMI_ASSIGN_OR_RETURN(const std::vector<Indexed> found,
                             index_.InCell(reader_, county_, cell.second, words_, range, chunk));
      BAIMI_RETURN_IF_ERROR(Take(found, key));
      if (Full()) {
        return true;
      }
      if (found.size() < static_cast<size_t>(chunk)) {
        return false;
      }
      range.below = found.back().number;
    }
  }

  // Adds what fits. Once there is more than a page, the last order's key is where the next begins.
  template <typename Key>
  absl::Status Take(const std::vector<Indexed>& found, Key key) {
    looked_at_ += static_cast<int>(found.size());
    std::vector<std::string> numbers;
    for (const Indexed& order : found) {
      if (order.holds) {
        numbers.push_back(order.number);
      }
    }
    BAIMI_ASSIGN_OR_RETURN(std::vector<TicketRow> rows,
                           store_.Among(reader_, county_, numbers, filter_, viewer_.scope));
    for (TicketRow& row : rows) {
      if (IsHidden(row.ticket, viewer_)) {
        continue;
      }
      if (page_.rows.size() == limit_) {
        page_.next = last_;
        return absl::OkStatus();
      }
      last_ = key(std::string(LastSegment(row.ticket.name())));
      page_.rows.push_back(std::move(row));
    }
    return absl::OkStatus();
  }

  bool Full() const { return !page_.next.empty(); }
  int Left() const { return kLookAt - looked_at_; }
  SearchPage End() { return Stop({}); }
  SearchPage Stop(std::vector<std::string> next) {
    page_.next = std::move(next);
    return std::move(page_);
  }

  static constexpr char kAboveAll[] = "99991231-999999";

  sql::Reader& reader_;
  const absl::string_view county_;
  const TicketStore& store_;
  const SearchIndex& index_;
  const v1::QueryTicketsRequest& request_;
  const Viewer& viewer_;
  const v1::ListTicketsRequest filter_;
  const std::vector<std::string> words_;
  const size_t limit_;
  int looked_at_ = 0;
  // Of the last order on the page.
  std::vector<std::string> last_;
  SearchPage page_;
};

}  // namespace

absl::StatusOr<SearchPage> SearchQuery::Page(sql::Reader& reader, absl::string_view county,
                                             const v1::QueryTicketsRequest& request,
                                             const Viewer& viewer,
                                             const std::vector<std::string>& after,
                                             int limit) const {
  Pager pager(reader, county, *store_, *index_, request, viewer, limit);
  if (!pager.HasWords() && (!request.has_near() || !request.text().empty())) {
    return InvalidField("text", request.text().empty() ? "nothing" : "a text without a word",
                        "a word, or no text and a point in near", "至少一个词，或改填中心点");
  }
  if (request.has_near()) {
    return pager.Nearest(after);
  }
  return request.order() == v1::RELEVANCE ? pager.Relevant(after) : pager.Newest(after);
}

absl::StatusOr<std::vector<TicketRow>> SearchQuery::ToCompareWith(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  const v1::Ticket& order,
                                                                  const v1::DuplicatePolicy& rules,
                                                                  const Viewer& viewer) const {
  const absl::Time filed = domain::FromProto(order.create_time());
  const absl::Duration days = absl::Hours(24) * rules.days();
  const NumberRange range{.below = FirstNumberOf(filed + days + absl::Hours(24)),
                          .from = FirstNumberOf(filed - days)};
  BAIMI_ASSIGN_OR_RETURN(
      std::vector<std::string> numbers,
      index_->OfCategoryInGrid(reader, county, order.category(), LastSegment(order.place().grid()),
                               range, kAlike));
  if (order.place().has_point()) {
    BAIMI_ASSIGN_OR_RETURN(
        const std::vector<std::string> around,
        index_->OfCategoryInCells(reader, county, order.category(),
                                  domain::CellsAround(order.place().point(), rules.radius_metres()),
                                  range, kAlike));
    numbers.insert(numbers.end(), around.begin(), around.end());
  }
  BAIMI_ASSIGN_OR_RETURN(const std::string indexed, index_->NewestIndexed(reader, county));
  BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> fresh,
                         store_->FiledAfter(reader, county, order.category(), indexed, kAlike));
  numbers.insert(numbers.end(), fresh.begin(), fresh.end());
  std::sort(numbers.rbegin(), numbers.rend());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());

  v1::ListTicketsRequest filter;
  filter.set_category(order.category());
  *filter.mutable_filed_from() = domain::ToProto(filed - days);
  *filter.mutable_filed_before() = domain::ToProto(filed + days + absl::Microseconds(1));
  BAIMI_ASSIGN_OR_RETURN(std::vector<TicketRow> rows,
                         store_->Among(reader, county, numbers, filter, viewer.scope));
  if (!order.caller().phone().empty()) {
    BAIMI_ASSIGN_OR_RETURN(TicketPage own,
                           store_->List(reader, county, filter, viewer.scope, {.limit = kOfCaller},
                                        order.caller().phone()));
    for (TicketRow& row : own.rows) {
      const std::string number(LastSegment(row.ticket.name()));
      if (!std::binary_search(numbers.rbegin(), numbers.rend(), number)) {
        rows.push_back(std::move(row));
      }
    }
  }
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const TicketRow& row) { return IsHidden(row.ticket, viewer); }),
             rows.end());
  return rows;
}

}  // namespace baimi::ticket::store
