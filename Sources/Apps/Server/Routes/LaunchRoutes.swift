import Application
import Commerce
import Hummingbird

/// Plans of new products, and how those launched lately go.
struct LaunchRoutes {
  let server: LodeServer

  private static let bodyLimit = 64 << 10

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.get("launches") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "launches") { try await shop.launches(page: $0) }
      return try await answer(list, columns: CSVColumns.launches, to: request)
    }
    api.post("launches/plan") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      var request = request
      let product = try await request.json(limit: Self.bodyLimit).launchRequest()
      return answer(try await shop.planLaunch(product))
    }
  }
}

extension JSONValue {
  /// A product that is to be launched.
  fileprivate func launchRequest() throws -> LaunchRequest {
    guard object != nil else {
      throw Problem.body("Expected an object with the product's title and category.")
    }
    func text(_ name: String) throws -> String? {
      switch self[name] {
      case nil, .null?: return nil
      case .string(let value)?: return value
      default: throw ApplicationError.invalidParameter(name: name, value: nil, expected: "a text")
      }
    }
    func required(_ name: String) throws -> String {
      guard let value = try text(name) else {
        throw ApplicationError.invalidParameter(name: name, value: nil, expected: "a text")
      }
      return value
    }
    var product = LaunchRequest(
      title: try required("title"), category: try required("category"), brand: try text("brand"))
    if let price = self["price"], price != .null {
      // A bare number, or an amount as items have it.
      guard let value = price.number ?? price["amount"]?.number else {
        throw ApplicationError.invalidParameter(name: "price", value: nil, expected: "a number above 0")
      }
      product.price = value
    }
    if let weeks = self["weeks"], weeks != .null {
      guard let value = weeks.integer else {
        throw ApplicationError.invalidParameter(
          name: "weeks", value: nil, expected: "a whole number from 4 to 52")
      }
      product.weeks = value
    }
    if let attributes = self["attributes"], attributes != .null {
      guard let members = attributes.object else {
        throw ApplicationError.invalidParameter(name: "attributes", value: nil, expected: "an object")
      }
      product.attributes = members
    }
    return product
  }
}
