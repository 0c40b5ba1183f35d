#pragma once
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/wait_line.hpp"

// From the `Operations` of a data type, see waiting_type.hpp, to what a line and its jobs work
// with.

namespace beaver::detail {

[[nodiscard]] inline bool is_empty_reply(const auto& reply) {
  if constexpr (requires { reply.has_value(); })
    return !reply.has_value();
  else
    return reply.empty();
}

template <class Operations, waiting_message M>
std::optional<caf::message> serve_message(job_context& context, const void* m) {
  auto reply = run_message<Operations>(context, *static_cast<const M*>(m));
  if (is_empty_reply(reply))
    return std::nullopt;
  return caf::make_message(std::move(reply));
}

template <class Operations, waiting_message M>
constexpr wait_line::kind kind_of() {
  wait_line::kind k{serve_message<Operations, M>, nullptr, nullptr, nullptr};
  if constexpr (requires(job_context & x, const M& m) { Operations::go_on(x, m); })
    k.go_on = [](job_context& x, const void* m) {
      return Operations::go_on(x, *static_cast<const M*>(m));
    };
  if constexpr (requires(job_context & x, const M& m) { Operations::arrive(x, m); }) {
    k.arrive = [](job_context& x, const void* m) {
      Operations::arrive(x, *static_cast<const M*>(m));
    };
    k.depart = [](job_context& x, const void* m) {
      Operations::depart(x, *static_cast<const M*>(m));
    };
  }
  return k;
}

template <class Operations, waiting_message M>
inline constexpr wait_line::kind kind_for = kind_of<Operations, M>();

template <class Operations>
constexpr line_service service_of() {
  line_service s{Operations::type, nullptr, nullptr, nullptr};
  if constexpr (requires { &Operations::before_serving; })
    s.prepare = &Operations::before_serving;
  if constexpr (requires { &Operations::next_look; })
    s.next_look = &Operations::next_look;
  if constexpr (requires { &Operations::is_worth_trying; })
    s.is_worth_trying = &Operations::is_worth_trying;
  return s;
}

} // namespace beaver::detail
