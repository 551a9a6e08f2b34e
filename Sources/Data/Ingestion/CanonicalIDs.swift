import Commerce
import Foundation

/// Ids in Unicode's composed form (NFC).
///
/// "é" can be one character or an "e" with an accent behind it. The two look alike and are equal to Swift, to people and
/// to most programs, yet differ in bytes, which is what stores compare. Every id is therefore put into one form before
/// it is stored or looked up.
public enum CanonicalIDs {
  /// Puts an id into composed form; returns whether that changed it.
  @discardableResult
  public static func compose(_ id: inout String) -> Bool {
    // Nearly all ids are ASCII, which is composed.
    if id.utf8.allSatisfy({ $0 < 0x80 }) { return false }
    let composed = id.precomposedStringWithCanonicalMapping
    if composed.utf8.elementsEqual(id.utf8) { return false }
    id = composed
    return true
  }

  /// Puts an id into composed form, when there is one; returns whether that changed it.
  @discardableResult
  public static func compose(_ id: inout String?) -> Bool {
    guard var text = id, compose(&text) else { return false }
    id = text
    return true
  }

  /// An id in composed form.
  public static func composed(_ id: String) -> String {
    var id = id
    compose(&id)
    return id
  }

  /// Puts the ids of an event into composed form; returns whether that changed one.
  @discardableResult
  public static func compose(_ event: inout Event) -> Bool {
    var isChanged = compose(&event.eventID)
    isChanged = compose(&event.customerID) || isChanged
    isChanged = compose(&event.sessionID) || isChanged
    isChanged = compose(&event.itemID) || isChanged
    isChanged = compose(&event.orderID) || isChanged
    isChanged = compose(&event.decisionID) || isChanged
    return isChanged
  }
}
