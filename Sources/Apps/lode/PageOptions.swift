import Application
import ArgumentParser
import Commerce
import Decisions
import Foundation
import Recommendation

/// For whom and where a page is made.
struct PageOptions: ParsableArguments {
  @Option(help: "Where it is shown: home, item, cart, session, category or email.")
  var context = PageContext.home
  @Option(help: "The customer's id.")
  var customer: String?
  @Option(help: "The visit's id.")
  var session: String?
  @Option(help: "The item beside which the page stands, with --context item.")
  var item: String?
  @Option(help: "What is in the cart, ids separated by commas, with --context cart.")
  var cart: String?
  @Option(help: "What was looked at in this visit, ids separated by commas, oldest first.")
  var viewed: String?
  @Option(help: "The category to which the page keeps, at any level, with --context category.")
  var category: String?
  @Option(help: "Where it is shown from, such as app; rules can ask for it.")
  var channel: String?
  @Option(help: "At most so many items, 1 to 100.")
  var limit = 10
  @Option(
    name: .customLong("repeat"),
    help: "Items bought before: never, allow or only; by default what the context wants.")
  var repeatPurchases: RepeatPurchases?
  @Option(help: "A version of the model, such as recommendation@3; by default the live one.")
  var model: String?
  @Option(help: "A file of rules to try instead of the published ones.", completion: .file())
  var rules: String?

  func validate() throws {
    guard (1...100).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100.") }
  }

  /// The request, which writes nothing down.
  func request(isTraced: Bool = false) throws -> RecommendationRequest {
    func ids(_ list: String?) -> [String] {
      (list ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
        !$0.isEmpty
      }
    }
    let placement = PlacementRequest(
      context: context, customerID: customer, sessionID: session, itemID: item, cart: ids(cart),
      viewed: ids(viewed), category: category, channel: channel, count: limit,
      repeatPurchases: repeatPurchases)
    return RecommendationRequest(
      placement, model: model, rules: try rules.map(RuleFile.text), isPreview: true, isTraced: isTraced)
  }
}

extension PageContext: ExpressibleByArgument {}

/// A file of rules.
enum RuleFile {
  /// The text of a file; `-` is standard input.
  static func text(_ path: String) throws -> String {
    let data =
      path == "-"
      ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
    guard let data, let text = String(data: data, encoding: .utf8) else {
      throw ApplicationError.invalidParameter(
        name: "rules", value: path, expected: "a file of rules in UTF-8, or - for standard input")
    }
    return text
  }

  /// Says where a file of rules is wrong, as compilers do.
  static func located(_ error: RuleError, in path: String) -> ApplicationError {
    switch error {
    case .syntax(let issues):
      .conflict(
        reason: issues.map { "\(path):\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n"))
    }
  }
}
