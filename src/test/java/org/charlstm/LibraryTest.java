package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a program gets that names charlstm as its dependency. */
class LibraryTest {
    /** All of it is named, and ReadmeTest's programs run with it: no command line's, no log's, no GPU's. */
    @Test
    void onlyWhatTheLibraryNeedsComesAlong() throws Exception {
        assertEquals(Library.JARS, Set.copyOf(
                inPom("dependencies/dependency[not(optional = 'true') and not(scope = 'test')]/artifactId")));
    }

    @Test
    void theReadmeHasItsCoordinates() throws Exception {
        String coordinates = String.format(
                "<groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>",
                inPom("groupId").getFirst(), inPom("artifactId").getFirst(), inPom("version").getFirst());
        assertTrue(Files.readString(Path.of("README.md")).contains(coordinates), coordinates);
    }

    private static List<String> inPom(String path) throws Exception {
        Document pom = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile());
        NodeList found = (NodeList) XPathFactory.newDefaultInstance().newXPath().evaluate("/project/" + path, pom,
                XPathConstants.NODESET);
        return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent()).toList();
    }
}
