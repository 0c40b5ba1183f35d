#pragma once
#include "beaver/storage/text_query.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace beaver {

/// The language of searches, for what people type. Every text means something:
///
///     red fox            both words, anywhere in the document
///     "red fox"          one after the other; a missing closing quote stands at the end
///     "red fox"~5        in any order, with at most 5 words between first and last
///     qui*  "red fo"*    the (last) word may go on
///     red OR fox         one of them; also red | fox. OR binds tighter than what stands side by
///                        side: a b OR c is a (b OR c)
///     -red  NOT red      documents without it; also -"red fox", -title:red, -(red OR fox)
///     (red fox) OR dog   groups
///     title:red          only in strings at this path of the body or below; also title:"red fox",
///                        title:qui*, title:(red OR fox). Of nested fields the inner one counts
///
/// - A word ends at a space, quote, parenthesis or |. Whatever else it holds is its text, which the
///   tokenizer takes apart: what's, a-b, C++ and http://x/y are words, and phrases to FTS5.
/// - A hyphen excludes at the beginning, or behind a space, ( or |, if the word, quote or group
///   follows at once; --force is a word. Two negations cancel each other out.
/// - A field is letters, digits and _ . - / before a colon, with a letter or digit or _ at first
///   and more than digits in all; behind the colon stands a letter, digit, _, quote or (. So 12:30,
///   std::string, C:\x and `TODO: x` are text. Characters beyond ASCII are letters.
/// - * is an operator at the end of a word or behind a quote, ~ behind a quote, OR, AND (which is
///   what a space is) and NOT as words of their own; elsewhere they are text.
/// - Ignored: an operator with nothing to work on, such as the AND of `fox AND`; a parenthesis too
///   many; "" and (), each with its operators. Of several OR and AND in a row, one OR is enough to
///   mean OR.
/// - The way out is a phrase, where all but the quote is text: "OR", "localhost:8080".
/// - Spaces of Unicode, control characters and bytes that are no UTF-8 are spaces, curved double
///   quotes are quotes.
namespace text_language {

/// Reading ends where a text would have more; `text_query::cut` says so.
inline constexpr std::size_t max_leaves = 256;  ///< counted as often as they are typed
inline constexpr std::size_t max_bytes = 8'192; ///< texts and fields of these: a word of a phrase
                                                ///< costs FTS5 some 20 KB
inline constexpr int max_depth = 32;            ///< groups in groups

/// Never throws for what stands in the text. Linear in it.
[[nodiscard]] text_query parse(std::string_view text);

/// A text that parses back to the same leaves and tree.
[[nodiscard]] std::string print(const text_query& query);

} // namespace text_language
} // namespace beaver
