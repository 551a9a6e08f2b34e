import Server
import Testing
