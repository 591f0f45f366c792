// Which databases have a body running on this thread, so that a call inside a body is refused
// instead of waiting for itself.
#ifndef BAIMI_COMMON_SQL_NESTING_H_
#define BAIMI_COMMON_SQL_NESTING_H_

namespace baimi::sql {

// Marks `database` as busy on this thread while it lives; a stack, so only as a local variable.
class Nesting {
 public:
  explicit Nesting(const void* database) : database_(database), outer_(innermost_) {
    innermost_ = this;
  }
  ~Nesting() { innermost_ = outer_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

  static bool Inside(const void* database);

 private:
  static thread_local const Nesting* innermost_;
  const void* const database_;
  const Nesting* const outer_;
};

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_NESTING_H_
