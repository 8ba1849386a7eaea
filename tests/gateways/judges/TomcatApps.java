import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/**
 * Applications around the filters that were exported for Tomcat, each in the web.xml of a folder of
 * its own. The line that it reads names their number; it writes their ports, and serves until its
 * input ends.
 */
public class TomcatApps {
  private static final Logger QUIET = Logger.getLogger("");

  public static void main(String[] arguments) throws Exception {
    QUIET.setLevel(Level.SEVERE);
    Scanner lines = new Scanner(System.in);
    int count = Integer.parseInt(lines.nextLine());
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ports.add(started(new File("app-" + i).getAbsoluteFile()));
    }
    System.out.println(ports);
    while (lines.hasNextLine()) {
      lines.nextLine();
    }
    System.exit(0);
  }

  private static int started(File folder) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.getPath());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getEngine().setName(folder.getName());
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.setAddDefaultWebXmlToWebapp(false);
    Context context = tomcat.addWebapp("", folder.getPath());
    Tomcat.addServlet(context, "answer", new Answer());
    context.addServletMappingDecoded("/*", "answer");
    tomcat.start();
    if (!context.getState().isAvailable()) {
      throw new IllegalStateException(folder + " does not start");
    }
    return tomcat.getConnector().getLocalPort();
  }

  private static class Answer extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
      response.setHeader("ETag", "\"1\"");
      for (String name : List.of("X-Total-Count", "X-Secret", "X-Reached")) {
        response.setHeader(name, "1");
      }
      response.setStatus(request.getRequestURI().equals("/error") ? 500 : 200);
    }
  }
}
