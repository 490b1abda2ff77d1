using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Page;

/// <summary>
/// The page at <c>/</c>: files in this assembly, served as they are. Anybody may load them; what they ask for is asked with the
/// key of whoever uses them.
/// </summary>
internal static class PageFiles
{
    /// <summary>Where the files lie among the assembly's resources.</summary>
    private const string Root = "Kontext.Gateway.Page";

    /// <summary>Serves the page where a request is for one of its files; every other request goes on.</summary>
    public static void UsePage(this WebApplication app)
    {
        var files = new EmbeddedFileProvider(typeof(PageFiles).Assembly, Root);
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var policy = PagePolicy.Of(options.PublicUrl);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files, DefaultFileNames = ["index.html"] });
        app.UseStaticFiles(
            new StaticFileOptions
            {
                FileProvider = files,
                ContentTypeProvider = new FileExtensionContentTypeProvider(),
                OnPrepareResponse = file => PagePolicy.Apply(file.Context.Response.Headers, policy),
            }
        );
    }
}
