namespace Kontext.Messaging;

/// <summary>A handler has not done its work: the message is to be delivered again. Marks it apart from one that cannot be read.</summary>
internal sealed class UnhandledMessageException(Exception inner) : Exception(inner.Message, inner);
