#pragma once
#include "beaver/actors/inspect.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace beaver {

namespace detail {

template <class List>
struct handle_of_list;

template <template <class...> class List, class... Messages>
struct handle_of_list<List<Messages...>> {
  using type = caf::typed_actor<
    typename caf::replies_to<Messages>::template with<typename Messages::reply>...>;
};

} // namespace detail

/// The typed actor handle that answers each message of a list with its reply.
template <class List>
using typed_handle = typename detail::handle_of_list<List>::type;

} // namespace beaver
