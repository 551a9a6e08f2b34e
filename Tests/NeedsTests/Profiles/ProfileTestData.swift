import Commerce
import Features
import Foundation
import MathKernels
import Needs

/// Customers whose purchases come from traits that each mode shows in part: behaviour the first, texts the second, attributes
/// the third, pictures the fourth.
enum ProfileTestData {
  static let traits: [ProfileMode] = [.behaviour, .boughtText, .attributes, .images]
  static let categories = 12
  static let widths: [ProfileMode: Int] = [.behaviour: 10, .boughtText: 8, .attributes: 4, .images: 6]

  /// A window of so many customers; a mode is missing for a share of them.
  static func window(
    _ customers: Int, day: Int32, seed: UInt64, missing: [ProfileMode: Double] = [:]
  ) -> ProfileWindow {
    var random = RandomSource(seed: seed, stream: UInt64(UInt32(bitPattern: day)))
    let ids = Vocabulary((0..<customers).map { "customer\($0)" })
    let hidden = (0..<customers).map { _ in traits.map { _ in random.uniform() < 0.5 ? -1.0 : 1 } }
    let blocks = traits.enumerated().map { place, mode -> ModeBlock in
      let width = widths[mode] ?? 1
      let values = (0..<customers * width).map { index in
        let (customer, column) = (index / width, index % width)
        let signal = column < 2 ? hidden[customer][place] * (column == 0 ? 1 : -1) : 0
        // Directions need a constant part, so that rows of length one keep the signal's sign.
        return Float(signal + 0.6 * random.normal() + (column == width - 1 ? 3 : 0))
      }
      let present = (0..<customers).map { _ in random.uniform() >= missing[mode] ?? 0 }
      return ModeBlock(mode: mode, width: width, values: values, present: present)
    }
    // Three categories hang on each trait.
    let bought = (0..<customers * categories).map { index -> Float in
      let trait = hidden[index / categories][index % categories % traits.count]
      return random.uniform() < 1 / (1 + exp(1.2 - 1.8 * trait)) ? 1 : 0
    }
    return ProfileWindow(
      modes: ProfileModes(customers: ids, day: day, blocks: blocks), bought: bought)
  }

  static func dataset(
    seed: UInt64, customers: Int = 300, missing: [ProfileMode: Double] = [:]
  ) -> ProfileDataset {
    ProfileDataset(
      training: (0..<3).map { window(customers, day: Int32($0) * 28, seed: seed, missing: missing) },
      validation: window(customers, day: 84, seed: seed, missing: missing),
      categories: (0..<categories).map { "C\($0)" })
  }

  /// A log of purchases for timelines: customer k buys the items of one colour, dear or cheap.
  static let items: [Item] = (0..<6).map { index in
    Item(
      itemID: "item\(index)", category: "C\(index % 3)", categoryPath: ["G\(index % 2)", "C\(index % 3)"],
      brand: "brand\(index % 2)")
  }

  static func frame(days: Int, extra: Int = 0) -> EventFrame {
    var frame = EventFrame(currency: .usd)
    for day in 0..<days + extra {
      for customer in 0..<8 where (day + customer) % 3 == 0 {
        let late = day >= days
        frame.append(
          EventFrame.Row(
            sequence: Int64(frame.count) + 1, kind: .purchase, customerID: "customer\(customer)",
            sessionID: nil,
            itemID: "item\(late ? 5 - customer % 6 : (customer + day) % 6)", orderID: "o\(day)-\(customer)",
            timestamp: Timestamp(milliseconds: 1_483_228_800_000).adding(days: Double(day) + 0.5),
            quantity: 1,
            amount: Money(Double(1 + (customer + day) % 6) * (late ? 40 : 1), currency: .usd), discount: nil,
            rating: nil))
      }
    }
    return frame
  }

  static let firstDay: Int32 = 17167  // 2017-01-01

  static func sources(_ frame: EventFrame) -> ProfileSources {
    let catalogue = CatalogueIndex(items)
    let vectors = Matrix<Float>(rows: 3, columns: 2, [1, 0, 0, 1, 1, 1])
    let table = ItemVectors(items: items.map(\.itemID), rows: [0, 1, 2, 0, 1, 2], vectors: vectors)
    return ProfileSources(
      frame: frame, catalogue: catalogue,
      space: CategorySpace(categories: ["C0", "C1", "C2"], catalogue: catalogue),
      customers: [
        Customer(customerID: "customer0", attributes: ["age": .number(30), "city": .string("Lyon")]),
        Customer(customerID: "customer2", attributes: ["age": .number(50), "city": .string("Nice")]),
        Customer(customerID: "stranger", attributes: ["city": .string("Lyon")]),
      ], itemTexts: table, itemImages: table,
      written: WrittenVectors(
        customers: ["customer1", "customer1"],
        milliseconds: [firstDay, firstDay + 200].map { Int64($0) * 86_400_000 + 1 },
        vectors: Matrix(rows: 2, columns: 2, [1, 0, 0, 1])))
  }
}
