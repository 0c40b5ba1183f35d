#pragma once
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/codec.hpp"
#include "beaver/actors/manager_frame.hpp"
#include "beaver/actors/may_wait.hpp"
#include "beaver/actors/registry.hpp"
#include "beaver/actors/shape.hpp"
#include "beaver/actors/typed.hpp"
#include "beaver/actors/wire_block.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

// Everything that follows from the messages of a data type whose state is all in its table. The
// type gives a struct `Operations` with, for each message M,
//   static void check(M&);                              validates and normalises
//   static M::reply run(job_context&, const M&);        over the table
// and gets rows for the registry and a manager actor. Included by one .cpp file per data type.

namespace beaver::detail {

template <class R>
using slot_of = std::optional<R>;

/// Runs a message over the table. Types that have `Operations::type` say what has changed, for
/// those who wait for it.
template <class Operations, message M>
typename M::reply run_message(job_context& context, const M& m) {
  if constexpr (!is_read<M> && requires {
                  Operations::type;
                  m.name;
                })
    if (context.changed)
      context.changed->add(Operations::type, m.name);
  return Operations::run(context, m);
}

/// Runs one checked message as a job of the writer or of a reader.
template <class Operations, message M>
class table_job final : public job {
public:
  explicit table_job(M&& m) : message_(std::move(m)) {}

  caf::message run(job_context& context) override {
    if constexpr (std::is_void_v<typename M::reply>) {
      run_message<Operations>(context, message_);
      return caf::make_message();
    } else {
      return caf::make_message(run_message<Operations>(context, message_));
    }
  }

  [[nodiscard]] bool reads() const noexcept override { return is_read<M>; }

  [[nodiscard]] std::size_t weight() const noexcept override {
    std::size_t sum = 0;
    boost::mp11::mp_for_each<members_of<M>>([&](auto member) {
      if constexpr (requires { (message_.*member.pointer).size(); })
        sum += (message_.*member.pointer).size();
    });
    return sum;
  }

private:
  M message_;
};

/// Checks the message and uses it up.
template <class Operations, message M>
job_ptr make_table_job(M& m) {
  Operations::check(m);
  return std::make_shared<table_job<Operations, M>>(std::move(m));
}

template <class Operations, message M>
struct table_row {
  using reply = typename M::reply;
  static constexpr bool is_raw = codec::type_word<reply>() == "bytes";

  static std::shared_ptr<void> make() { return std::make_shared<M>(); }

  static std::shared_ptr<void> make_slot() {
    if constexpr (std::is_void_v<reply>)
      return nullptr;
    else
      return std::make_shared<slot_of<reply>>();
  }

  static void destroy(void* m) { static_cast<M*>(m)->~M(); }

  static std::string_view manager_name([[maybe_unused]] const void* m) {
    if constexpr (requires(const M& x) { x.name; })
      return static_cast<const M*>(m)->name;
    else
      return {};
  }

  static bool encode_reply(const void* slot, std::string& out) {
    if constexpr (std::is_void_v<reply>) {
      return false;
    } else {
      const auto& r = *static_cast<const slot_of<reply>*>(slot);
      if constexpr (is_optional<reply>) {
        if (!*r)
          return false;
        codec::encode(out, **r);
      } else {
        codec::encode(out, *r);
      }
      return true;
    }
  }

  /// What of a reply travels as raw bytes: a `Wanted`.
  template <class Wanted>
  static const Wanted* content_of([[maybe_unused]] const void* slot) {
    if constexpr (!std::is_void_v<reply>)
      return codec::raw_content<Wanted>(*static_cast<const slot_of<reply>*>(slot));
    else
      return nullptr;
  }

  /// A reply of newer releases may have more members than are known here.
  static void decode_reply([[maybe_unused]] void* slot, [[maybe_unused]] std::string_view json) {
    if constexpr (!std::is_void_v<reply>) {
      auto& r = static_cast<slot_of<reply>*>(slot)->emplace();
      if constexpr (is_optional<reply>) {
        if (json.data() != nullptr)
          codec::decode_whole(json, r.emplace(), "reply");
      } else {
        codec::decode_whole(json, r, "reply");
      }
    }
  }

  static void set_raw_reply([[maybe_unused]] void* slot,
                            [[maybe_unused]] std::string_view content) {
    if constexpr (is_raw)
      static_cast<slot_of<reply>*>(slot)->emplace(bytes{content});
  }

  static void check(void* m) { Operations::check(*static_cast<M*>(m)); }

  static void run(job_context& context, const void* m, [[maybe_unused]] void* slot) {
    const auto& x = *static_cast<const M*>(m);
    if constexpr (waiting_message<M>)
      if (wait_limit(x) != std::chrono::steady_clock::duration::zero())
        throw error(errc::not_supported, "a transaction or batch cannot wait");
    if constexpr (std::is_void_v<reply>) {
      run_message<Operations>(context, x);
    } else {
      auto r = run_message<Operations>(context, x);
      if (slot)
        *static_cast<slot_of<reply>*>(slot) = std::move(r);
    }
  }

  static caf::message to_message(void* m) {
    return caf::make_message(std::move(*static_cast<M*>(m)));
  }

  static bool from_message(caf::message& r, [[maybe_unused]] void* slot) {
    if constexpr (std::is_void_v<reply>) {
      return r.empty();
    } else {
      if (!r.match_elements<reply>())
        return false;
      if (slot)
        *static_cast<slot_of<reply>*>(slot) = std::move(r.get_mutable_as<reply>(0));
      return true;
    }
  }

  static std::shared_ptr<job> to_job(void* m) {
    return make_table_job<Operations>(*static_cast<M*>(m));
  }

  static operation row(std::string_view type) {
    constexpr auto name = name_of<M>();
    const shape& (*reply_shape)() = nullptr;
    if constexpr (!std::is_void_v<reply>)
      reply_shape = shape_of<reply>;
    return {
      .name = name,
      .type = type,
      .method = name.substr(type.size() + 1),
      .route = &M::route,
      .members = codec::members<M>(),
      .reply_type = codec::type_word<reply>(),
      .reply_optional = is_optional<reply>,
      .reads = is_read<M>,
      .waits = waiting_message<M> || long_message<M>,
      .make = make,
      .make_slot = make_slot,
      .destroy = destroy,
      .manager_name = manager_name,
      .set_member = codec::set_member<M>,
      .decode = codec::decode_message<M>,
      .decode_body = codec::decode_body<M>,
      .encode = codec::encode_message<M>,
      .visit = codec::visit_members<M>,
      .vector_member = codec::only_member<floats, M>(),
      .set_vector = codec::set_vector<M>,
      .encode_reply = encode_reply,
      .raw_reply = content_of<bytes>,
      .vector_reply = codec::has_raw_content<floats, reply>() ? content_of<floats> : nullptr,
      .decode_reply = decode_reply,
      .set_raw_reply = is_raw ? set_raw_reply : nullptr,
      .message_shape = shape_of<M>,
      .reply_shape = reply_shape,
      .check = check,
      .run = run,
      .to_message = to_message,
      .from_message = from_message,
      .to_job = to_job,
    };
  }
};

/// The actor that manages one named instance: checks each message, makes a job of it and passes
/// that on, so that the reply goes from the writer or reader straight to the caller.
template <class Operations, class... Messages>
class table_manager final : public manager_frame<typed_handle<boost::mp11::mp_list<Messages...>>> {
  using super = manager_frame<typed_handle<boost::mp11::mp_list<Messages...>>>;

public:
  using super::super;

  typename super::behavior_type make_behavior() override {
    return {this->template on<Messages>([this](Messages& m) {
      return super::template pass_on<Messages>(make_table_job<Operations>(m));
    })...};
  }
};

template <class Operations, class... Messages>
caf::actor spawn_table_manager(caf::actor_system& system, const char* type,
                               const engine_state_ptr& engine, const std::string& name) {
  using manager = table_manager<Operations, Messages...>;
  return caf::actor_cast<caf::actor>(spawn_lazily<manager>(system, type, engine, name));
}

template <class Operations, class Block, class... Messages>
data_type make_table_type(boost::mp11::mp_list<Messages...>, const char* name, const char* plural) {
  static const std::array rows{table_row<Operations, Messages>::row(name)...};
  return {.name = name,
          .plural = plural,
          .operations = rows,
          .spawn = spawn_table_manager<Operations, Messages...>,
          .register_messages = register_block<Block>};
}

/// The registry's view of a data type; made once per type.
template <class Operations, class Block, class List>
const data_type& describe_table_type(const char* name, const char* plural) {
  static const auto type = make_table_type<Operations, Block>(List{}, name, plural);
  return type;
}

} // namespace beaver::detail
