package org.charlstm.base;

import module java.base;

/** Describes failures of the file system without class names. */
public final class IoFailure {
    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "permission denied for " + denied.getFile();
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case FileAlreadyExistsException exists -> exists.getFile() + " is in the way";
            case EOFException _ -> "it ends too early";
            case CharacterCodingException broken -> "it is not valid UTF-8";
            case FileSystemException other when other.getReason() != null ->
                (other.getFile() == null ? "" : other.getFile() + ": ") + other.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
