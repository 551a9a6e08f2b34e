/// A growing list in parts of a fixed size. A copy shares all parts; changing an element afterwards copies its part alone,
/// so that a copy can be handed to another thread while the list goes on growing.
struct Chunks<Element: Sendable>: Sendable {
  private static var size: Int { 1024 }
  private var parts: [[Element]] = []
  private(set) var count = 0

  mutating func append(_ element: Element) {
    if count == parts.count * Self.size { parts.append([]) }
    parts[parts.count - 1].append(element)
    count += 1
  }

  subscript(index: Int) -> Element {
    get { parts[index / Self.size][index % Self.size] }
    _modify { yield &parts[index / Self.size][index % Self.size] }
  }

  /// Calls the body with each element and its place.
  func forEach(_ body: (Int, Element) -> Void) {
    var index = 0
    for part in parts {
      for element in part {
        body(index, element)
        index += 1
      }
    }
  }
}
