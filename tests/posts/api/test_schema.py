from django.core.management import call_command


def test_it_describes_the_whole_api_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
